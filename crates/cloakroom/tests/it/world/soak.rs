//! Many people at once, at two gateways, some of whom hang up: nobody is ever taken for somebody else.

use cloakroom_core::ports::random;
use cloakroom_testkit::SeededEntropy;
use http::StatusCode;
use tokio::task::JoinSet;

use super::assembly::{STEP, World, until};
use super::person::{Ask, Person};
use super::upstream::{HANGING, claims};

const PEOPLE: usize = 30;
const ROUNDS: usize = 40;
/// Requests of one person in one round.
const REQUESTS: usize = 8;

/// What one person does in one round.
async fn busy(both: [Person; 2], id: String, dice: [u8; REQUESTS]) -> usize {
    let mut answered = 0;
    for die in dice {
        let person = both[usize::from(die >> 7)].clone();
        match die % 16 {
            // Hangs up before, while or after the app has seen the request.
            0 | 1 => {
                let target = if die % 2 == 0 { HANGING } else { "/api/goals" };
                let request = tokio::spawn(async move { person.fetch(target).await.status });
                for _ in 0..die {
                    tokio::task::yield_now().await;
                }
                request.abort();
            }
            kind => {
                let ask = match kind {
                    2..6 => Ask::page("/dashboard"),
                    6..9 => Ask::page("/"),
                    9..12 => Ask::post("/api/notes").body(format!("a note of {id}")),
                    _ => Ask::fetch("/api/goals"),
                };
                let answer = person.send(ask).await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                let who = answer.json();
                assert_eq!(who["user_id"], id.as_str());
                assert_eq!(who["token_of"], id.as_str());
                assert!(who["assertion_of"].is_null() || who["assertion_of"] == id.as_str());
                answered += 1;
            }
        }
    }
    answered
}

// PX-12, F-28
#[tokio::test]
async fn the_app_always_sees_the_owner_of_the_cookie_and_nobody_else() {
    let mut world = World::new();
    let other = world.start();
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let name = format!("user{n}");
        let person = world.signed_in(&name).await;
        people.push((person, world.add(&name, &[]).await));
    }
    let entropy = SeededEntropy::new(28);
    let mut answered = 0;
    for _ in 0..ROUNDS {
        let mut all = JoinSet::new();
        for (person, id) in &people {
            let both = [person.clone(), person.at(&other)];
            all.spawn(busy(both, id.clone(), random(&entropy)));
        }
        let mut turns = 0_u32;
        while !all.is_empty() {
            while let Some(done) = all.try_join_next() {
                answered += done.unwrap();
            }
            // Whoever waits for the other gateway's refresh waits on the clock.
            turns += 1;
            if turns.is_multiple_of(500) && world.network.is_quiet() {
                world.advance(STEP);
            }
            tokio::task::yield_now().await;
        }
        until("no refresh is under way", || world.network.is_quiet()).await;
        // A third of a token's life: each is renewed several times over.
        world.advance(std::time::Duration::from_secs(300));
    }
    assert!(answered > PEOPLE * ROUNDS * REQUESTS * 3 / 4, "{answered}");
    assert!(
        world.network.refreshes() > PEOPLE * 3,
        "{}",
        world.network.refreshes()
    );
    let ids: Vec<&str> = people.iter().map(|(_, id)| id.as_str()).collect();
    for seen in world.app.seen() {
        let subject = claims(seen.token().unwrap())["sub"].clone();
        assert!(ids.contains(&subject.as_str().unwrap()));
        assert_eq!(seen.headers["x-user-id"], subject.as_str().unwrap());
        if let Some(assertion) = seen.headers.get("x-cloakroom-session") {
            assert_eq!(claims(assertion.to_str().unwrap())["sub"], subject);
        }
        if seen.target == "/api/notes" && !seen.body.is_empty() {
            assert_eq!(
                seen.body,
                format!("a note of {}", subject.as_str().unwrap())
            );
        }
    }
}
