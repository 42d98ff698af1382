//! File descriptors: every connection takes one, and a process that has none left can answer nobody.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are not connections: the log, its readers, the runtime, calls to back offices.
const OWN: u64 = 256;

/// Raises the process's limit as far as it may be raised. How many connections there is room for.
pub fn room() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    let limit = if raised { maximum } else { current };
    limit.map_or(usize::MAX, |limit| limit.saturating_sub(OWN).max(limit / 2).max(16) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_below_the_limit() {
        let room = room();
        let limit = getrlimit(Resource::Nofile).current;
        assert!(room >= 16 && limit.is_none_or(|limit| (room as u64) < limit), "{room} {limit:?}");
    }
}
