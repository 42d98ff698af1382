//! A disk in memory, commanded by a test: what is written is safe only once it is synced.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One file on a disk of its own. Clones are handles of the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimDisk(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    /// Survives everything.
    synced: Vec<u8>,
    /// Survives the end of the process, not a power cut.
    unsynced: Vec<u8>,
    /// Bytes that it can hold; without a limit if there is none.
    room: Option<usize>,
    failing_syncs: u32,
    failing_writes: u32,
    syncs: u64,
}

/// What a disk says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No room: nothing was written.
    Full,
    /// An error of the device: what is on it is unknown.
    Failed,
}

/// A write is torn within blocks of this many bytes.
const BLOCK: usize = 512;

impl SimDisk {
    /// An empty one without faults.
    pub fn new() -> SimDisk {
        SimDisk::default()
    }

    /// The disk can hold this many bytes; `None`: any number.
    pub fn set_room(&self, bytes: Option<usize>) {
        self.platter().room = bytes;
    }

    /// The next `count` syncs fail: what was written before them may reach the disk or not.
    pub fn fail_syncs(&self, count: u32) {
        self.platter().failing_syncs = count;
    }

    /// The next `count` writes fail half-way.
    pub fn fail_writes(&self, count: u32) {
        self.platter().failing_writes = count;
    }

    /// How many syncs have succeeded.
    pub fn syncs(&self) -> u64 {
        self.platter().syncs
    }

    /// Bytes on it, synced or not.
    pub fn len(&self) -> usize {
        let platter = self.platter();
        platter.synced.len() + platter.unsynced.len()
    }

    /// Whether nothing was ever written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The power fails. Of what was not synced a part that `seed` decides is kept, the last block of it perhaps as
    /// noise. Whoever wrote on it is gone; open the log anew.
    pub fn crash(&self, seed: u64) {
        let mut platter = self.platter();
        let mut draw = Draw(seed);
        let unsynced = std::mem::take(&mut platter.unsynced);
        let kept = (draw.next() % (unsynced.len() as u64 + 1)) as usize;
        platter.synced.extend_from_slice(&unsynced[..kept]);
        if kept > 0 && draw.next().is_multiple_of(2) {
            let start = platter.synced.len() - kept.min(BLOCK);
            for byte in &mut platter.synced[start..] {
                *byte ^= draw.next() as u8;
            }
        }
        platter.failing_syncs = 0;
        platter.failing_writes = 0;
    }

    /// Flips bits of one byte, as a bad disk does.
    pub fn flip(&self, at: usize, bits: u8) {
        if let Some(byte) = self.platter().synced.get_mut(at) {
            *byte ^= bits;
        }
    }

    /// Cuts the file off.
    pub fn truncate(&self, bytes: usize) {
        let mut platter = self.platter();
        let synced = platter.synced.len().min(bytes);
        platter.synced.truncate(synced);
        platter.unsynced.truncate(bytes - synced);
    }

    /// What a process reads: synced or not.
    pub(crate) fn contents(&self) -> Vec<u8> {
        let platter = self.platter();
        [&platter.synced[..], &platter.unsynced[..]].concat()
    }

    /// Writes at the end.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Fault> {
        let mut platter = self.platter();
        let used = platter.synced.len() + platter.unsynced.len();
        if platter.room.is_some_and(|room| used + bytes.len() > room) {
            return Err(Fault::Full);
        }
        if platter.failing_writes > 0 {
            platter.failing_writes -= 1;
            platter.unsynced.extend_from_slice(&bytes[..bytes.len() / 2]);
            return Err(Fault::Failed);
        }
        platter.unsynced.extend_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn sync(&self) -> Result<(), Fault> {
        let mut platter = self.platter();
        if platter.failing_syncs > 0 {
            platter.failing_syncs -= 1;
            return Err(Fault::Failed);
        }
        let unsynced = std::mem::take(&mut platter.unsynced);
        platter.synced.extend_from_slice(&unsynced);
        platter.syncs += 1;
        Ok(())
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
