//! A server process of a measurement: started, waited for, and ended with everything it started,
//! whatever happens in between.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::process;
use crate::clock;

/// How a server is started.
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// The same server in one process, for a tool that looks at one.
    pub(super) arguments_alone: Vec<OsString>,
    pub(super) environment: Vec<(&'static str, String)>,
    /// Where it listens.
    pub(super) port: u16,
    /// Where its output goes.
    pub(super) log: PathBuf,
}

/// A running server.
pub(super) struct Server {
    child: Child,
    log: PathBuf,
}

impl Launch {
    /// Starts it and waits until it takes connections.
    pub(super) fn start(&self) -> Result<Server> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        self.spawn(command, Duration::from_secs(30))
    }

    /// Starts it as the argument of another program that runs it.
    pub(super) fn start_under(&self, mut tool: Command) -> Result<Server> {
        tool.arg(&self.program).args(&self.arguments_alone);
        self.spawn(tool, Duration::from_secs(90))
    }

    fn spawn(&self, mut command: Command, limit: Duration) -> Result<Server> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", command.get_program().to_string_lossy()))?;
        let mut server = Server {
            child,
            log: self.log.clone(),
        };
        let ready = clock::wait_for(limit, || {
            if let Some(status) = server.child.try_wait()? {
                bail!(
                    "it ended with {status}; its last lines:\n{}",
                    server.last_lines()
                );
            }
            Ok(TcpStream::connect(("127.0.0.1", self.port)).ok())
        });
        if ready
            .with_context(|| self.program.display().to_string())?
            .is_none()
        {
            bail!(
                "{} does not listen on port {}",
                self.program.display(),
                self.port
            );
        }
        Ok(server)
    }
}

impl Server {
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end and waits until it has.
    pub(super) fn stop(mut self) -> Result<()> {
        if !self.end(Duration::from_secs(60))? {
            bail!("it does not end; its last lines:\n{}", self.last_lines());
        }
        Ok(())
    }

    fn end(&mut self, limit: Duration) -> Result<bool> {
        if self.child.try_wait()?.is_some() {
            return Ok(true);
        }
        signal("-TERM", &[self.id()])?;
        Ok(clock::wait_for(limit, || Ok(self.child.try_wait()?))?.is_some())
    }

    /// The end of what it wrote.
    pub(super) fn last_lines(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines
            .iter()
            .skip(lines.len().saturating_sub(12))
            .copied()
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Drop for Server {
    /// The polite way first: a master that is killed leaves its workers behind. Nothing can be
    /// reported from here, and nobody is left to act on it.
    fn drop(&mut self) {
        if matches!(self.end(Duration::from_secs(5)), Ok(true)) {
            return;
        }
        if let Ok(tree) = process::tree(self.id()) {
            let _ = signal("-KILL", &tree);
        }
        let _ = self.child.wait();
    }
}

/// `kill` as the shell's own command: not every machine has it as a program.
fn signal(name: &str, processes: &[u32]) -> Result<()> {
    let processes = processes.iter().map(ToString::to_string);
    Command::new("sh")
        .args(["-c", "kill \"$@\"", "kill", name])
        .args(processes)
        .stderr(Stdio::null())
        .status()
        .context("sending a signal")?;
    Ok(())
}

/// Ports that were free a moment ago, all different. Another program may take one before the
/// server does; then the server says so, and the run is repeated.
pub(super) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut ports = [0; N];
    let mut held = Vec::new();
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::path::Path;

    use super::{Launch, free_ports};

    fn shell(script: &str, folder: &xshell::TempDir, port: u16) -> Launch {
        Launch {
            program: "sh".into(),
            arguments: vec!["-c".into(), script.into()],
            arguments_alone: Vec::new(),
            environment: Vec::new(),
            port,
            log: folder.path().join("log"),
        }
    }

    #[test]
    fn a_server_that_ends_at_once_is_reported_with_what_it_said() {
        let folder = xshell::Shell::new().unwrap().create_temp_dir().unwrap();
        let [port] = free_ports().unwrap();
        let launch = shell("echo no such key; exit 2", &folder, port);
        let Err(error) = launch.start() else {
            panic!("it listens?")
        };
        let text = format!("{error:#}");
        assert!(
            text.contains("exit status: 2") && text.contains("no such key"),
            "{text}"
        );
    }

    #[test]
    fn a_server_ends_with_its_owner() {
        let folder = xshell::Shell::new().unwrap().create_temp_dir().unwrap();
        // The test listens in its place, so that it counts as ready.
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = shell("exec tail -f /dev/null", &folder, port)
            .start()
            .unwrap();
        let process = format!("/proc/{}", server.id());
        assert!(Path::new(&process).exists());
        drop(server);
        assert!(!Path::new(&process).exists());
    }

    #[test]
    fn free_ports_are_different() {
        let [one, two, three] = free_ports().unwrap();
        assert!(one != two && two != three && one != three);
    }
}
