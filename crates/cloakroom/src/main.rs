//! The program `cloakroom`.

fn main() -> std::process::ExitCode {
    cloakroom::main()
}
