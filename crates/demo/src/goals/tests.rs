//! The rules of a goal, of its fields and of its list.

use serde_json::{Map, Value, json};

use super::*;

fn goal(progress: i64) -> Goal {
    let draft = Draft {
        title: Title::parse("Run").unwrap(),
        description: Description::default(),
        progress: Percent::try_from(progress).unwrap(),
    };
    Goal::new(GoalId(Uuid::nil()), draft)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

fn change(value: Value) -> Result<Change, FieldErrors> {
    Change::from_json(&object(value))
}

#[test]
fn progress_100_completes_a_goal_and_less_reopens_it() {
    let mut goal = goal(40);
    assert_eq!(goal.status(), Status::Active);
    goal.apply(Change::progress(Percent::FULL));
    assert_eq!(goal.status(), Status::Completed);
    goal.apply(Change::progress(Percent::ALMOST));
    assert_eq!(goal.status(), Status::Active);
}

#[test]
fn reopening_goes_back_to_the_progress_before_completion() {
    let mut goal = goal(40);
    goal.apply(Change::status(Status::Completed));
    assert_eq!(goal.progress(), Percent::FULL);
    goal.apply(Change::status(Status::Active));
    assert_eq!(goal.progress().value(), 40);
}

#[test]
fn reopening_an_active_goal_changes_nothing() {
    let mut goal = goal(40);
    goal.apply(Change::status(Status::Active));
    assert_eq!(goal.progress().value(), 40);
}

#[test]
fn a_goal_that_was_born_completed_reopens_at_nothing() {
    let mut goal = goal(100);
    goal.apply(Change::status(Status::Active));
    assert_eq!(goal.progress(), Percent::NONE);
}

#[test]
fn an_edited_file_cannot_make_a_goal_that_never_reopens() {
    let text = json!({
        "id": Uuid::nil(), "title": "Run", "description": "", "progress": 100, "resume": 100,
    });
    let mut goal: Goal = serde_json::from_value(text).unwrap();
    goal.apply(Change::status(Status::Active));
    assert_eq!(goal.status(), Status::Active);
}

#[test]
fn a_title_is_trimmed_and_has_1_to_120_characters_on_one_line() {
    assert_eq!(Title::parse("  Run  ").unwrap().to_string(), "Run");
    assert!(Title::parse(&"ä".repeat(120)).is_ok());
    for bad in ["", "   ", &"a".repeat(121), "a\nb", "a\u{0}b"] {
        assert!(Title::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_description_keeps_its_lines_and_has_at_most_1000_characters() {
    assert_eq!(Description::parse("a\r\nb\n").unwrap().to_string(), "a\nb");
    assert!(Description::parse(&"a".repeat(1000)).is_ok());
    assert!(Description::parse(&"a".repeat(1001)).is_err());
    assert!(Description::parse("a\u{1b}[31m").is_err());
}

#[test]
fn a_typed_progress_is_a_whole_number_from_0_to_100() {
    assert_eq!(Percent::parse(" 7 ").unwrap().value(), 7);
    assert_eq!(Percent::parse("").unwrap(), Percent::NONE);
    for bad in ["-1", "101", "1.5", "ten", "99999999999999999999"] {
        assert!(Percent::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn every_wrong_field_of_a_form_is_named_at_once() {
    let typed = TypedGoal {
        title: String::new(),
        description: "a".repeat(1001),
        progress: "lots".to_owned(),
    };
    let errors = Draft::from_form(&typed).unwrap_err();
    for field in ["title", "description", "progress"] {
        assert!(errors.of(field).is_some(), "{field}");
    }
}

#[test]
fn json_of_another_type_is_refused_at_its_field() {
    let errors = change(json!({"title": 1, "progress": "50", "status": true})).unwrap_err();
    for field in ["title", "progress", "status"] {
        assert!(errors.of(field).is_some(), "{field}");
    }
    for progress in [json!(1.5), json!(-1), json!(101), json!(1e300), json!(null)] {
        assert!(
            change(json!({ "progress": progress })).is_err(),
            "{progress}"
        );
    }
}

#[test]
fn an_unknown_or_read_only_field_is_refused() {
    assert!(
        change(json!({"titel": "Run"}))
            .unwrap_err()
            .of("titel")
            .is_some()
    );
    assert!(change(json!({"id": "7"})).unwrap_err().of("id").is_some());
}

#[test]
fn progress_and_status_that_contradict_each_other_are_refused() {
    assert!(change(json!({"progress": 40, "status": "completed"})).is_err());
    assert!(change(json!({"progress": 100, "status": "active"})).is_err());
    assert!(change(json!({"progress": 100, "status": "completed"})).is_ok());
}

#[test]
fn a_new_goal_in_json_needs_only_a_title() {
    let draft = Draft::from_json(&object(json!({"title": "Run"}))).unwrap();
    assert_eq!(draft.progress, Percent::NONE);
    let done = Draft::from_json(&object(json!({"title": "Run", "status": "completed"}))).unwrap();
    assert_eq!(done.progress, Percent::FULL);
    let errors = Draft::from_json(&object(json!({"progress": 3}))).unwrap_err();
    assert!(errors.of("title").is_some());
}

#[test]
fn a_list_has_pages_of_five_and_says_whether_there_is_more() {
    let goals: Vec<_> = (0..7).map(|n| goal(n * 10)).collect();
    let first = Page::exactly(&goals, Filter::All, PageNumber::FIRST);
    assert_eq!(
        (first.items.len(), first.total_pages, first.has_more()),
        (5, 2, true)
    );
    let second = Page::exactly(&goals, Filter::All, "2".parse().unwrap());
    assert_eq!((second.items.len(), second.has_more()), (2, false));
}

#[test]
fn a_page_past_the_end_is_empty_when_exact_and_the_last_one_when_near() {
    let goals: Vec<_> = (0..7).map(|_| goal(0)).collect();
    let far = usize::MAX.to_string().parse().unwrap();
    assert!(Page::exactly(&goals, Filter::All, far).items.is_empty());
    let nearest = Page::nearest(&goals, Filter::All, far);
    assert_eq!((nearest.number.value(), nearest.items.len()), (2, 2));
    let empty = Page::nearest(&[], Filter::All, far);
    assert_eq!((empty.number.value(), empty.total_pages), (1, 1));
}

#[test]
fn a_filter_admits_only_its_goals() {
    let goals = [goal(0), goal(100), goal(50)];
    let count = |filter| Page::exactly(&goals, filter, PageNumber::FIRST).items.len();
    assert_eq!(Filter::EVERY.map(count), [3, 2, 1]);
}

#[test]
fn page_0_and_words_are_no_page() {
    for bad in ["0", "-1", "one", ""] {
        assert!(bad.parse::<PageNumber>().is_err(), "{bad:?}");
    }
}
