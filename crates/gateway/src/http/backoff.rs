//! Brute force is slowed down: by account and address together, by address, and, late, by account.

use crate::address::Prefix;
use crate::limits::{
    FAILURES_KEPT, FIRST_WAIT_MS, FORGIVE_MS, FREE_FAILURES, FREE_FAILURES_ACCOUNT, FREE_FAILURES_ADDRESS,
    LONGEST_WAIT_MS,
};
use conversation::Millis;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Failed sign-ins, by who and from where. Accounts that do not exist are counted like those that do.
pub(crate) struct Backoff {
    keys: RandomState,
    failures: Mutex<HashMap<u64, Failures>>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Millis,
}

/// An attempt under way: counted as failed until it is forgiven, so that many at once are no way around.
#[derive(Debug)]
pub(crate) struct Attempt {
    keys: [(u64, u32); 3],
}

impl Backoff {
    pub(crate) fn new() -> Backoff {
        Backoff { keys: RandomState::new(), failures: Mutex::default() }
    }

    /// Begins an attempt; `account` is `None` for a one-time code.
    ///
    /// # Errors
    /// Too early; the value is when to try again, in milliseconds.
    pub(crate) fn attempt(
        &self,
        account: Option<&str>,
        address: IpAddr,
        now: Millis,
    ) -> Result<Attempt, u64> {
        let prefix = Prefix::of(address);
        let keys = [
            (self.keys.hash_one((0u8, account, prefix)), FREE_FAILURES),
            (self.keys.hash_one((1u8, prefix)), FREE_FAILURES_ADDRESS),
            // Codes are guessed by nobody; without this key, all who mistype one would share a count.
            (self.keys.hash_one((2u8, account, account.is_none().then_some(prefix))), FREE_FAILURES_ACCOUNT),
        ];
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let wait =
            keys.iter().filter_map(|(key, free)| failures.get(key).map(|failed| failed.wait(*free, now)));
        if let Some(wait) = wait.max().filter(|wait| *wait > 0) {
            return Err(wait);
        }
        if failures.len() + keys.len() > FAILURES_KEPT {
            forget(&mut failures, now);
        }
        for (key, _) in keys {
            let failed = failures.entry(key).or_insert(Failures { count: 0, last: now });
            if now.saturating_sub(failed.last) >= FORGIVE_MS {
                failed.count = 0;
            }
            failed.count = failed.count.saturating_add(1);
            failed.last = now;
        }
        Ok(Attempt { keys })
    }

    /// It was right: what this account failed from here is forgotten; elsewhere one failure less.
    pub(crate) fn forgive(&self, attempt: &Attempt) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let [(both, _), rest @ ..] = attempt.keys;
        failures.remove(&both);
        for (key, _) in rest {
            if let Some(failed) = failures.get_mut(&key) {
                failed.count = failed.count.saturating_sub(1);
            }
        }
    }
}

impl Failures {
    fn wait(&self, free: u32, now: Millis) -> u64 {
        let since = now.saturating_sub(self.last);
        if self.count < free || since >= FORGIVE_MS {
            return 0;
        }
        let doubled = FIRST_WAIT_MS.saturating_mul(1 << (self.count - free).min(20));
        doubled.min(LONGEST_WAIT_MS).saturating_sub(since)
    }
}

/// Makes room: what is forgiven, and if that is not enough, the older half.
fn forget(failures: &mut HashMap<u64, Failures>, now: Millis) {
    failures.retain(|_, failed| now.saturating_sub(failed.last) < FORGIVE_MS);
    if failures.len() + 3 > FAILURES_KEPT {
        let mut times: Vec<Millis> = failures.values().map(|failed| failed.last).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        failures.retain(|_, failed| failed.last > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_fifth_wrong_password_waits_and_each_next_twice_as_long() {
        let backoff = Backoff::new();
        let here = ip("192.0.2.1");
        for _ in 0..FREE_FAILURES {
            assert!(backoff.attempt(Some("ines"), here, 0).is_ok());
        }
        assert_eq!(backoff.attempt(Some("ines"), here, 0).unwrap_err(), 1_000);
        assert_eq!(backoff.attempt(Some("ines"), here, 400).unwrap_err(), 600);
        assert!(backoff.attempt(Some("ines"), here, 1_000).is_ok());
        assert_eq!(backoff.attempt(Some("ines"), here, 1_000).unwrap_err(), 2_000);
        assert!(backoff.attempt(Some("omar"), here, 1_000).is_ok(), "a colleague at the next desk may");
        assert!(
            backoff.attempt(Some("ines"), ip("192.0.2.2"), 1_000).is_ok(),
            "and she herself from elsewhere"
        );
    }

    #[test]
    fn a_right_one_forgives_and_so_does_time() {
        let backoff = Backoff::new();
        let here = ip("192.0.2.1");
        for _ in 0..FREE_FAILURES - 1 {
            backoff.attempt(Some("ines"), here, 0).unwrap();
        }
        let right = backoff.attempt(Some("ines"), here, 0).unwrap();
        backoff.forgive(&right);
        for _ in 0..FREE_FAILURES {
            backoff.attempt(Some("ines"), here, 0).unwrap();
        }
        assert!(backoff.attempt(Some("ines"), here, 0).is_err());
        assert!(backoff.attempt(Some("ines"), here, FORGIVE_MS).is_ok());
    }

    #[test]
    fn one_address_cannot_try_every_account() {
        let backoff = Backoff::new();
        let here = ip("192.0.2.1");
        let tried =
            (0..1_000).filter(|n| backoff.attempt(Some(&format!("user{n}")), here, 0).is_ok()).count();
        assert_eq!(tried as u32, FREE_FAILURES_ADDRESS);
    }

    #[test]
    fn many_addresses_cannot_try_one_account_for_ever() {
        let backoff = Backoff::new();
        let tried =
            (0..250u8).filter(|n| backoff.attempt(Some("ines"), [192, 0, 2, *n].into(), 0).is_ok()).count();
        assert_eq!(tried as u32, FREE_FAILURES_ACCOUNT);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let backoff = Backoff::new();
        for n in 0..50_000u32 {
            let _ = backoff.attempt(Some("x"), IpAddr::V4((n << 4).into()), u64::from(n) * 60_000);
            let kept = backoff.failures.lock().unwrap().len();
            assert!(kept <= FAILURES_KEPT, "{kept}");
        }
        let same_moment = Backoff::new();
        for n in 0..50_000u32 {
            let _ = same_moment.attempt(Some(&n.to_string()), IpAddr::V4((n << 4).into()), 0);
        }
        assert!(same_moment.failures.lock().unwrap().len() <= FAILURES_KEPT);
    }
}
