//! Time, the network and the server's life: what happens next, and what is checked after it.

use super::chance::Chance;
use super::counts::Counts;
use super::customer::Customer;
use super::house;
use super::laws::Laws;
use super::ledger::Ledger;
use super::machine::{Cellar, Machine};
use super::mutation::Mutation;
use super::network::{Link, Up, Who};
use super::staff::Staff;
use conversation::{Millis, Owner};
use eventlog::History as _;
use router::{ConnectionId, Input};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::ServerFrame;

/// The first moment of every run.
pub const DAWN: Millis = 1_700_000_000_000;

/// Lines that are kept for a failure.
const TRACE: usize = 400;

/// What can happen.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Up(ConnectionId, Box<Up>),
    Down(ConnectionId, Arc<ServerFrame>),
    Closed(ConnectionId, Who),
    CustomerActs(usize),
    StaffActs(usize),
    Tell(u64, Box<Input>),
    Poll(ConnectionId),
    Sync,
    Crash,
    Start,
    Leap,
    Night,
    House,
}

/// Everything of one run.
pub struct World {
    /// Where all chance comes from.
    pub chance: Chance,
    /// What is broken on purpose.
    pub mutation: Option<Mutation>,
    /// Now.
    pub now: Millis,
    happenings: BTreeMap<(Millis, u64), Happening>,
    pub(super) ticket: u64,
    pub(super) links: BTreeMap<ConnectionId, Link>,
    pub(super) next_link: u64,
    pub(super) cellar: Cellar,
    /// The server, while it lives.
    pub machine: Option<Machine>,
    pub(super) life: u64,
    pub(super) syncing: bool,
    /// What is on the disk.
    pub durable: Ledger,
    /// What is checked.
    pub laws: Laws,
    /// The visitors.
    pub customers: Vec<Customer>,
    /// The house's people.
    pub staff: Vec<Staff>,
    /// From here on nothing breaks and everybody does what they should.
    pub calm_from: Millis,
    /// The last things that happened.
    pub trace: Vec<String>,
    /// Of all that the server did.
    pub hash: u64,
    /// What was seen.
    pub counts: Counts,
    pub(super) mutated: bool,
    /// What the machine's clock said at the last start.
    pub(super) skew: Millis,
    /// A moment of the run, and what the server's clock said then.
    pub(super) clock_base: (Millis, Millis),
    /// How long the night is.
    pub(super) night: Millis,
}

impl World {
    /// A day that has not begun.
    pub fn new(seed: u64, mutation: Option<Mutation>) -> World {
        let mut chance = Chance::new(seed);
        let customers = (0..chance.between(3, 6) as usize).map(Customer::new).collect();
        let staff = house::accounts().into_iter().map(|account| Staff::new(account.id)).collect();
        let length = chance.between(4, 12) * 60_000;
        // On some days everybody goes home, and comes back in the morning.
        let night = if chance.percent(30) { chance.between(6, 16) * 3_600_000 } else { 0 };
        World {
            chance,
            mutation,
            now: DAWN,
            happenings: BTreeMap::new(),
            ticket: 0,
            links: BTreeMap::new(),
            next_link: 0,
            cellar: Cellar::default(),
            machine: None,
            life: 0,
            syncing: false,
            durable: Ledger::default(),
            laws: Laws::default(),
            customers,
            staff,
            calm_from: DAWN + length + night,
            trace: Vec::new(),
            hash: 0xcbf2_9ce4_8422_2325,
            counts: Counts::default(),
            mutated: false,
            skew: DAWN,
            clock_base: (DAWN, DAWN),
            night,
        }
    }

    /// Lives through it.
    ///
    /// # Errors
    /// The law that was broken.
    pub fn run(&mut self) -> Result<(), String> {
        self.at(0, Happening::Start);
        for nth in 0..self.customers.len() {
            let after = self.chance.between(100, 60_000);
            self.at(after, Happening::CustomerActs(nth));
        }
        for nth in 0..self.staff.len() {
            let after = self.chance.between(100, 30_000);
            self.at(after, Happening::StaffActs(nth));
        }
        let crash = self.chance.between(10_000, 300_000);
        self.at(crash, Happening::Crash);
        let leap = self.chance.between(30_000, 900_000);
        self.at(leap, Happening::Leap);
        let change = self.chance.between(10_000, 200_000);
        self.at(change, Happening::House);
        if self.night > 0 {
            let evening = self.chance.between(60_000, (self.calm_from - DAWN - self.night) * 2 / 3);
            self.at(evening, Happening::Night);
        }
        let end = self.calm_from + 15 * 60_000;
        let mut idle = 0;
        loop {
            let next = self.happenings.first_key_value().map_or(end, |((at, _), _)| *at);
            let wake = self.machine.as_ref().and_then(|machine| machine.router.poll_timeout());
            let wake = wake.filter(|_| self.mutation != Some(Mutation::NoTime));
            // The router speaks in its own clock's time.
            let wake = wake.map(|at| self.clock_base.0 + at.saturating_sub(self.clock_base.1));
            if let Some(wake) = wake.filter(|wake| *wake <= next) {
                if wake > end {
                    break;
                }
                idle = if wake <= self.now { idle + 1 } else { 0 };
                if idle > 1_000 {
                    return Err("the router wants to be woken again and again".into());
                }
                self.now = self.now.max(wake);
                self.step(None)?;
                continue;
            }
            let Some(((at, _), happening)) = self.happenings.pop_first() else { break };
            if at >= end {
                break;
            }
            idle = 0;
            self.now = at;
            self.happen(happening)?;
        }
        self.counts.conversations = self.durable.stories.len() as u64;
        self.counts.millis = self.now - DAWN;
        self.counts.checks = self.laws.checks;
        self.at_the_end()
    }

    /// What the server's clock says.
    pub(super) fn clock(&self) -> Millis {
        self.clock_base.1 + (self.now - self.clock_base.0)
    }

    /// Whether things may still go wrong.
    pub fn wild(&self) -> bool {
        self.now < self.calm_from
    }

    /// Remembers a line for a failure.
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        if self.trace.len() >= TRACE * 2 {
            self.trace.drain(..TRACE);
        }
        let line = format!("{:>9.3} {}", (self.now - DAWN) as f64 / 1_000.0, line());
        self.trace.push(line);
    }

    pub(super) fn at(&mut self, after: Millis, happening: Happening) {
        self.ticket += 1;
        self.happenings.insert((self.now + after, self.ticket), happening);
    }

    pub(super) fn happen(&mut self, happening: Happening) -> Result<(), String> {
        match happening {
            Happening::Up(id, up) => self.arrives(id, &up),
            Happening::Poll(id) => self.poll(id),
            Happening::Down(id, frame) => self.deliver(id, &frame),
            Happening::Closed(id, who) => {
                // The server's end may not know yet.
                if let Some(link) = self.links.get_mut(&id) {
                    link.client = false;
                    if !link.open || self.machine.is_none() {
                        self.links.remove(&id);
                    }
                }
                match who {
                    Who::Customer(nth, tab) => self.customer_cut(nth, tab, id),
                    Who::Staff(nth) => self.staff_cut(nth, id),
                }
                Ok(())
            }
            Happening::CustomerActs(nth) => {
                let after = self.customer_acts(nth);
                self.at(after, Happening::CustomerActs(nth));
                Ok(())
            }
            Happening::StaffActs(nth) => {
                let after = self.staff_acts(nth);
                self.at(after, Happening::StaffActs(nth));
                Ok(())
            }
            Happening::Tell(life, mut input) => {
                if life != self.life || self.machine.is_none() {
                    return Ok(());
                }
                if let (Input::Loaded { conversation, events }, Some(machine)) = (&mut *input, &self.machine)
                {
                    *events = machine.log.read(*conversation, 0).map_err(|error| error.to_string())?;
                }
                self.step(Some(*input))
            }
            Happening::Sync => self.sync(),
            Happening::Crash => {
                if self.wild() {
                    self.crash();
                    let next = self.chance.between(20_000, 400_000) + self.night / 8;
                    self.at(next, Happening::Crash);
                }
                Ok(())
            }
            Happening::Start => self.start(),
            Happening::Leap => {
                // The machine slept: for the server an hour has passed in a moment.
                if self.wild() {
                    let leap = self.chance.between(1, 90) * 60_000;
                    self.clock_base.1 += leap;
                    self.note(|| format!("the clock leaps by {} min", leap / 60_000));
                    self.step(None)?;
                }
                Ok(())
            }
            Happening::Night => {
                let morning = self.now + self.night;
                self.note(|| "everybody goes home".into());
                self.customers_go_home(morning);
                self.staff_goes_home(morning);
                Ok(())
            }
            Happening::House => self.house_changes(),
        }
    }

    /// One input, or time alone; then everything is checked.
    pub(super) fn step(&mut self, input: Option<Input>) -> Result<(), String> {
        self.counts.steps += 1;
        let (mutation, now) = (self.mutation, self.clock());
        let Some(machine) = &mut self.machine else { return Ok(()) };
        if let Some(input) = input {
            machine.router.handle(input, now);
        }
        if mutation != Some(Mutation::NoTime) {
            machine.router.handle_timeout(now);
        }
        let mut effects = Vec::new();
        while let Some(effect) = machine.router.poll_effect() {
            effects.push(effect);
        }
        if !effects.is_empty() {
            self.drain(effects)?;
        }
        let Some(machine) = &self.machine else { return Ok(()) };
        self.laws.check(machine, now)
    }

    fn at_the_end(&mut self) -> Result<(), String> {
        let Some(machine) = &self.machine else { return Err("there is no server in the end".into()) };
        if !machine.pending.is_empty() && !self.syncing {
            return Err("something is pending in the end".into());
        }
        let now = self.clock();
        for state in machine.router.states() {
            // The clock may have gone back by hours: a callback keeps to its moment by the clock.
            let its_time = state.not_before().is_none_or(|from| from <= now);
            if its_time && matches!(state.owner, Owner::Queue { .. } | Owner::Offered { .. }) {
                return Err(format!("law 6: {} still waits at the end of a long calm", state.id));
            }
        }
        self.staff_in_the_end()?;
        self.customers_in_the_end()
    }
}
