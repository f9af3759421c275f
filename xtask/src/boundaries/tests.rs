use std::collections::BTreeSet;

use xshell::Shell;

use super::picture::{Crate, Dependency, Workspace, violations};
use super::stages::tells_the_order;
use super::workspace;
use crate::root;

const NORMAL: bool = false;
const DEV: bool = true;

/// A workspace of core, testkit, store and gateway, in which one crate has one dependency more.
fn workspace_where(name: &str, other: &str, dev: bool) -> Workspace {
    let names = [
        "cloakroom-core",
        "cloakroom-testkit",
        "cloakroom-store",
        "cloakroom-gateway",
    ];
    let mut ours: Vec<Crate> = names
        .map(|name| Crate {
            name: name.to_owned(),
            dependencies: Vec::new(),
        })
        .into_iter()
        .collect();
    if !names.contains(&name) {
        ours.push(Crate {
            name: name.to_owned(),
            dependencies: Vec::new(),
        });
    }
    let dependency = Dependency {
        name: other.to_owned(),
        dev,
    };
    ours.iter_mut()
        .find(|one| one.name == name)
        .unwrap()
        .dependencies
        .push(dependency);
    Workspace {
        ours,
        built: BTreeSet::new(),
    }
}

fn violations_where(name: &str, other: &str, dev: bool) -> Vec<String> {
    violations(&workspace_where(name, other, dev))
}

#[test]
fn the_crates_of_this_repository_keep_to_the_picture() {
    let sh = Shell::new().unwrap();
    sh.change_dir(root::path());
    assert_eq!(
        violations(&workspace::read(&sh).unwrap()),
        Vec::<String>::new()
    );
}

#[test]
fn the_middle_crates_never_see_each_other() {
    assert_eq!(
        violations_where("cloakroom-gateway", "cloakroom-core", NORMAL),
        [""; 0]
    );
    assert_eq!(
        violations_where("cloakroom-gateway", "cloakroom-store", NORMAL),
        ["cloakroom-gateway depends on cloakroom-store: it may see cloakroom-core, cloakroom-jose"]
    );
    assert_eq!(
        violations_where("cloakroom-gateway", "cloakroom-store", DEV).len(),
        1
    );
}

#[test]
fn the_testkit_is_a_dev_dependency_or_none() {
    assert_eq!(
        violations_where("cloakroom-store", "cloakroom-testkit", DEV),
        [""; 0]
    );
    assert_eq!(
        violations_where("cloakroom-store", "cloakroom-testkit", NORMAL),
        ["cloakroom-store ships cloakroom-testkit: it is for tests alone"]
    );
}

#[test]
fn the_testkit_sees_core_alone() {
    assert_eq!(
        violations_where("cloakroom-testkit", "cloakroom-core", NORMAL),
        [""; 0]
    );
    assert_eq!(
        violations_where("cloakroom-testkit", "cloakroom-store", NORMAL).len(),
        1
    );
}

#[test]
fn core_takes_no_library_beyond_its_list_except_for_its_tests() {
    assert_eq!(violations_where("cloakroom-core", "serde", NORMAL), [""; 0]);
    assert_eq!(violations_where("cloakroom-core", "proptest", DEV), [""; 0]);
    assert_eq!(
        violations_where("cloakroom-core", "tokio", NORMAL),
        ["cloakroom-core depends on tokio: everybody builds on core, it stays pure"]
    );
}

#[test]
fn sql_has_one_home() {
    assert_eq!(violations_where("cloakroom-store", "sqlx", NORMAL), [""; 0]);
    assert_eq!(
        violations_where("cloakroom-gateway", "sqlx", NORMAL),
        ["cloakroom-gateway depends on sqlx: only the store sees SQL"]
    );
}

#[test]
fn a_crate_without_a_place_in_the_picture_is_refused() {
    assert_eq!(
        violations_where("cloakroom-extras", "serde", NORMAL),
        ["cloakroom-extras has no place in the picture of the crates"]
    );
}

#[test]
fn a_forbidden_library_is_found_wherever_it_comes_from() {
    let mut workspace = workspace_where("cloakroom-store", "sqlx", NORMAL);
    workspace.built.insert("ring".to_owned());
    let found = violations(&workspace);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("ring is built, and must not be"),
        "{}",
        found[0]
    );
}

#[test]
fn the_stages_must_stand_in_their_order_on_one_line() {
    assert!(tells_the_order(
        "x\n  ingress → route → session → csrf → guard → refresh → forward\n"
    ));
    assert!(!tells_the_order(
        "ingress → route → session → guard → csrf → refresh → forward"
    ));
    assert!(!tells_the_order(
        "ingress\nroute\nsession\ncsrf\nguard\nrefresh\nforward"
    ));
}
