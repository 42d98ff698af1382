//! What the house changes while the server runs: seats, accounts that come and go, the configuration.

use super::house;
use super::mutation::Mutation;
use super::world::{Happening, World};
use dispatcher::Load;
use router::{Account, Input, Role};
use std::sync::Arc;

impl World {
    /// Somebody in the office changes something.
    pub(super) fn house_changes(&mut self) -> Result<(), String> {
        let after = self.chance.between(20_000, 240_000) + self.night / 8;
        if self.wild() {
            self.at(after, Happening::House);
        } else if self.cellar.accounts.len() == house::accounts().len() {
            return Ok(());
        } else {
            self.at(5_000, Happening::House);
        }
        if self.machine.is_none() {
            return Ok(());
        }
        let missing = house::accounts().into_iter().find(|account| !self.has(account));
        if let Some(account) = missing {
            self.note(|| format!("{} has an account again", account.id));
            self.cellar.accounts.push(account.clone());
            self.laws.put(account.clone());
            return self.step(Some(Input::PutAccount(Box::new(account))));
        }
        let advisors: Vec<Account> =
            self.cellar.accounts.iter().filter(|account| account.role == Role::Advisor).cloned().collect();
        let Some(mut account) = self.chance.pick(&advisors).cloned() else { return Ok(()) };
        match self.chance.between(0, 2) {
            0 => {
                self.note(|| format!("the account of {} is no more", account.id));
                self.cellar.accounts.retain(|other| other.id != account.id);
                self.laws.remove(&account.id);
                self.step(Some(Input::RemoveAccount(account.id)))
            }
            1 => {
                let machine = self.machine.as_ref();
                let Some(Load { held, reserved, .. }) =
                    machine.and_then(|machine| machine.dispatcher.load(&account.id))
                else {
                    return Ok(());
                };
                account.capacity = (held + reserved).max(self.chance.between(1, 4) as u16);
                self.note(|| format!("{} can hold {}", account.id, account.capacity));
                self.cellar.accounts.retain(|other| other.id != account.id);
                self.cellar.accounts.push(account.clone());
                self.laws.put(account.clone());
                self.step(Some(Input::PutAccount(Box::new(account))))
            }
            _ => {
                self.cellar.whole = self.chance.percent(60);
                let whole = self.cellar.whole;
                self.note(|| format!("the configuration is read again; it has {:?}", house::queues(whole)));
                self.laws.policy = house::policy(whole);
                if let Some(machine) = &self.machine {
                    machine.dispatcher.set_policy(house::policy(whole));
                }
                let told = whole || self.mutation == Some(Mutation::QueueForgotten);
                let house = house::house(super::gate::EPOCH, told);
                self.step(Some(Input::SetHouse(Arc::new(house))))
            }
        }
    }

    fn has(&self, account: &Account) -> bool {
        self.cellar.accounts.iter().any(|other| other.id == account.id)
    }
}
