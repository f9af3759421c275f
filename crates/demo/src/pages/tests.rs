//! Every page in every state: it renders, it is sound, and nothing a person typed becomes markup.

use askama::Template;

use super::admin::AdminPage;
use super::dashboard::DashboardPage;
use super::goals::GoalsPage;
use super::home::HomePage;
use super::problem::ProblemPage;

fn all_pages() -> Vec<(String, String)> {
    fn render<T: Template>(name: &str, pages: Vec<T>, into: &mut Vec<(String, String)>) {
        for (n, page) in pages.into_iter().enumerate() {
            into.push((format!("{name}-{n}"), page.render().unwrap()));
        }
    }
    let mut pages = Vec::new();
    render("home", HomePage::samples(), &mut pages);
    render("dashboard", DashboardPage::samples(), &mut pages);
    render("goals", GoalsPage::samples(), &mut pages);
    render("admin", AdminPage::samples(), &mut pages);
    render("problem", ProblemPage::samples(), &mut pages);
    pages
}

/// The values of one attribute, in order.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    let after = page.split(opening.as_str()).skip(1);
    after.map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn every_page_has_one_heading_a_title_and_a_way_past_the_navigation() {
    for (name, page) in all_pages() {
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert!(page.contains(" · Goals</title>"), "{name}");
        assert!(
            page.contains("href=\"#main\"") && page.contains("id=\"main\""),
            "{name}"
        );
    }
}

#[test]
fn no_page_needs_script_or_inline_style() {
    for (name, page) in all_pages() {
        for forbidden in [
            "<script",
            "<style",
            " style=",
            " onclick=",
            " onsubmit=",
            "javascript:",
        ] {
            assert!(!page.contains(forbidden), "{name} has {forbidden}");
        }
    }
}

#[test]
fn ids_are_unique_and_every_reference_leads_to_one() {
    for (name, page) in all_pages() {
        let ids = values(&page, "id");
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{name}");
        for attribute in ["for", "aria-describedby", "aria-labelledby"] {
            for target in values(&page, attribute) {
                assert!(ids.contains(&target), "{name}: {attribute}={target}");
            }
        }
    }
}

#[test]
fn every_field_that_is_seen_has_a_label() {
    for (name, page) in all_pages() {
        let labelled = values(&page, "for");
        for field in page
            .split("<input ")
            .skip(1)
            .chain(page.split("<textarea ").skip(1))
        {
            let field = field.split('>').next().unwrap();
            if field.contains("type=\"hidden\"") {
                continue;
            }
            let id = field
                .split("id=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            assert!(
                id.is_some_and(|id| labelled.contains(&id)),
                "{name}: {field}"
            );
        }
    }
}

#[test]
fn what_a_person_typed_is_text_and_never_markup() {
    let pages = all_pages();
    let escaped = pages
        .iter()
        .filter(|(_, page)| page.contains("&#60;b&#62;Bold&#60;/b&#62;"));
    assert!(escaped.count() > 0, "no sample shows the hostile goal");
    for (name, page) in &pages {
        for markup in ["<b>Bold", "<i>not", "</textarea><b>", "\"><b>150"] {
            assert!(!page.contains(markup), "{name} has {markup}");
        }
    }
}
