//! What becomes durable, and what can go wrong with it: the scribe's part, the disk's faults, and death at every point
//! of it.

use super::mutation::Mutation;
use super::world::World;
use conversation::Event;
use eventlog::{EventLog as _, LogError};
use router::Effect;
use std::sync::Arc;

/// What goes wrong in one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A sync fails: what was written may be on the disk or not.
    Sync,
    /// A write fails half-way.
    Write,
    /// No room.
    Full,
    /// The power fails before anything is written.
    Before,
    /// The power fails after the sync, before anybody is told.
    After,
    /// The power fails when so many have been told.
    Telling(u64),
}

impl World {
    fn fault(&mut self) -> Option<Fault> {
        if !self.wild() || self.chance.between(0, 999) >= 12 {
            return None;
        }
        Some(match self.chance.between(0, 6) {
            0 => Fault::Sync,
            1 => Fault::Write,
            2 => Fault::Full,
            3 => Fault::Before,
            4 => Fault::After,
            _ => Fault::Telling(self.chance.between(0, 20)),
        })
    }

    /// The scribe: appends all that is pending in one batch, then shows what was to be shown.
    pub(super) fn sync(&mut self) -> Result<(), String> {
        self.syncing = false;
        let fault = self.fault();
        let Some(machine) = &mut self.machine else { return Ok(()) };
        if fault == Some(Fault::Before) {
            self.crash();
            return Ok(());
        }
        let pending = std::mem::take(&mut machine.pending);
        let mut events: Vec<Event> = Vec::new();
        for effect in &pending {
            if let Effect::Append(event) = effect {
                events.push((**event).clone());
            }
        }
        if self.mutation == Some(Mutation::EventLost) && events.len() > 3 {
            let middle = events.len() / 2;
            events.remove(middle);
        }
        if let Some(fault) = fault.filter(|fault| matches!(fault, Fault::Sync | Fault::Write | Fault::Full))
            && !events.is_empty()
        {
            return self.refused(&events, fault);
        }
        machine
            .append(&events)
            .map_err(|error| format!("the log refuses what the router decided: {error}"))?;
        for event in events {
            self.counts.events += 1;
            let event = Arc::new(event);
            self.durable.push(event)?;
        }
        if let Some(machine) = &self.machine {
            self.laws.replayed(machine, &self.durable)?;
        }
        if fault == Some(Fault::After) {
            self.crash();
            return Ok(());
        }
        let mut left = if let Some(Fault::Telling(frames)) = fault { frames } else { u64::MAX };
        for effect in pending {
            self.release(effect)?;
            left = left.saturating_sub(1);
            if left == 0 {
                self.crash();
                return Ok(());
            }
        }
        Ok(())
    }

    /// The disk does not take a batch: nothing is told, nothing more is taken, and everybody is let go until a restart.
    fn refused(&mut self, events: &[Event], fault: Fault) -> Result<(), String> {
        let disk = self.cellar.disk.clone();
        let Some(machine) = &mut self.machine else { return Ok(()) };
        match fault {
            Fault::Sync => disk.fail_syncs(1),
            Fault::Write => disk.fail_writes(1),
            _ => disk.set_room(Some(disk.len() + 16)),
        }
        let first = machine.log.append(events);
        let full = matches!(first, Err(LogError::Full { .. }));
        if first.is_ok() || full != (fault == Fault::Full) {
            return Err(format!("a disk with {fault:?} took a batch, or said something else: {first:?}"));
        }
        if !full && !matches!(machine.log.append(events), Err(LogError::Poisoned { .. })) {
            return Err("a log whose disk has failed took another batch".into());
        }
        disk.set_room(None);
        self.counts.faults += 1;
        self.note(|| format!("{fault:?}: the log takes nothing more"));
        // The process ends, or the power does.
        if self.chance.percent(50) {
            self.crash();
        } else {
            self.ends();
        }
        Ok(())
    }
}
