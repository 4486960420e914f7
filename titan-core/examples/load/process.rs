//! What another process has used so far. Linux only; elsewhere everything is zero.

/// Clock ticks a second in /proc, which Linux has fixed for all its user space.
const TICKS: f64 = 100.0;

pub struct Process(Option<u32>);

#[derive(Clone, Copy, Default)]
pub struct Usage {
    pub cpu_seconds: f64,
    pub resident_kib: f64,
}

impl Process {
    pub fn new(pid: Option<u32>) -> Self {
        Self(pid)
    }

    pub fn look(&self) -> Usage {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", self.0?)).ok();
        Usage {
            cpu_seconds: read("stat").and_then(|stat| ticks(&stat)).unwrap_or_default() / TICKS,
            resident_kib: read("status").and_then(|status| resident(&status)).unwrap_or_default(),
        }
    }
}

/// User and system time: the 14th and 15th fields, counted after the name, which may hold anything.
fn ticks(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?)
}

fn resident(status: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().trim_end_matches(" kB").parse().ok()
}
