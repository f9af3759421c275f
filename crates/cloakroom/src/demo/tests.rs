use cloakroom_core::ports::Entropy;
use cloakroom_testkit::SeededEntropy;

use super::*;

const PORTS: Ports = Ports {
    gateway: 8080,
    identity: 8081,
    app: 40_000,
    admin: None,
};

#[test]
fn the_demos_configuration_is_one_that_serve_would_accept() {
    let data = Data::in_folder(PathBuf::from("data"));
    let deployment = deployment(&PORTS, data).unwrap();
    assert_eq!(
        deployment.gateway.public_url.as_str(),
        "http://localhost:8080"
    );
    assert_eq!(deployment.identity.access_ttl.as_secs(), 60);
    assert_eq!(deployment.gateway.pages.after_login.as_str(), "/dashboard");
}

#[test]
fn the_demos_routes_are_those_of_the_contract() {
    let data = Data::in_folder(PathBuf::from("data"));
    let routes = deployment(&PORTS, data)
        .unwrap()
        .gateway
        .describe_routes()
        .unwrap();
    let access = |path: &str| {
        let line = routes
            .iter()
            .find(|line| line.split(' ').next() == Some(path));
        let words = line
            .unwrap()
            .split_whitespace()
            .skip(1)
            .take_while(|word| *word != "→");
        words.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(access("/"), "optional");
    assert_eq!(access("/assets/**"), "public");
    assert_eq!(access("/dashboard/**"), "required");
    assert_eq!(access("/goals/**"), "required");
    assert_eq!(access("/admin/**"), "role admin");
    assert_eq!(access("/api/**"), "required");
    assert_eq!(access("/api/admin/**"), "role admin");
    assert_eq!(access("/auth/**"), "optional");
    assert_eq!(access("/auth/assets/**"), "public");
    assert_eq!(access("/auth/jwks.json"), "public");
    assert_eq!(routes.len(), 11);
}

#[test]
fn a_password_is_four_words_and_another_one_each_time() {
    let entropy = SeededEntropy::new(1);
    let draw = || {
        words::password(&entropy as &dyn Entropy)
            .expose_secret()
            .to_owned()
    };
    let (first, second) = (draw(), draw());
    assert_eq!(first.split('-').count(), 4);
    assert_ne!(first, second);
}

#[test]
fn the_password_can_come_from_the_environment_or_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "from a file\n").unwrap();
    let with = |name: &str, value: &str| {
        let environment = [(name.to_owned(), value.to_owned())].into_iter().collect();
        users::password(&environment)
            .map(|found| found.map(|secret| secret.expose_secret().to_owned()))
    };
    assert_eq!(
        with("CLOAKROOM_DEMO_PASSWORD", "given").unwrap().as_deref(),
        Some("given")
    );
    let path = file.display().to_string();
    assert_eq!(
        with("CLOAKROOM_DEMO_PASSWORD_FILE", &path)
            .unwrap()
            .as_deref(),
        Some("from a file")
    );
    assert!(with("CLOAKROOM_DEMO_PASSWORD_FILE", "/does/not/exist").is_err());
    assert_eq!(with("OTHER", "x").unwrap(), None);
}
