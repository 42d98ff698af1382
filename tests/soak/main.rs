//! A steady crowd for a while: customers and advisors by the thousand on one server over loopback, then they leave.
//!
//! `cargo run --release -p relais-tests --bin soak -- --minutes 20`; also `--customers 10000 --advisors 200 --rate 100`
//! (customers' messages per second, all together). Says every minute how it goes, and at the end latencies, errors and
//! the server's memory before, during and after; the exit status is 1 where there was an error or memory did not come
//! back. Build the server with the same profile first (`cargo build --release -p server`).
#![expect(clippy::print_stdout, reason = "its figures are for people and programs")]

mod crowd;
mod figures;

use crowd::{Crowd, Plan};
use figures::resident;
use relais_tests::house::{House, relais};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long memory may take to come back.
const COMES_BACK: Duration = Duration::from_secs(120);
/// How much more than before it may be, in percent.
const MORE: u64 = 10;
/// How long a first crowd of the same size stays. What the server has once it has left, and was left alone for a while,
/// is the start that memory must come back to: with it, what is made at first use is made.
const FIRST: Duration = Duration::from_secs(60);
/// How long after somebody has left the server still knows them.
const FORGOTTEN: Duration = Duration::from_secs(100);

/// Whoever has left is forgotten soon, so that what they took can be given back.
const TIMING: [(&str, &str); 2] =
    [("abandon_after = \"5m\"", "abandon_after = \"10s\""), ("idle_after = \"30m\"", "idle_after = \"10s\"")];

fn main() -> ExitCode {
    let mut plan = Plan { minutes: 20.0, customers: 10_000, advisors: 200, rate: 100.0 };
    let mut arguments = std::env::args().skip(1);
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        let number: f64 = value.parse().expect("a number");
        match name.as_str() {
            "--minutes" => plan.minutes = number,
            "--customers" => plan.customers = number as usize,
            "--advisors" => plan.advisors = number as usize,
            "--rate" => plan.rate = number,
            other => panic!("{other} is no option; they are --minutes, --customers, --advisors and --rate"),
        }
    }
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("descriptors");
    let needed = (plan.customers + plan.advisors + 300) as u64;
    assert!(
        maximum.is_none_or(|most| most >= needed),
        "{needed} descriptors are needed, {maximum:?} allowed"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(run(&plan))
}

async fn run(plan: &Plan) -> ExitCode {
    let house = House::with("", &TIMING);
    let data = house.data().display().to_string();
    let mut tokens = Vec::new();
    for n in 0..plan.advisors {
        let name = format!("advisor{n}");
        let lang = ["--lang", "fr", "--lang", "en", "--skill", "orders=4", "--skill", "returns=4"];
        let mut add = vec!["user", "add", &name, "--role", "advisor", "--data", &data];
        add.extend(lang);
        assert!(relais(&add).status.success(), "{name} is added");
        tokens.push(house.token(&name));
    }
    // The server looks for new people once a second.
    sleep(Duration::from_secs(3)).await;
    let pid = house.pid();
    let mut failed = false;

    println!("nobody was here yet: {} KiB", resident(pid));
    let first = Crowd::comes(house.address, &tokens, plan).await;
    sleep(FIRST).await;
    println!("the first crowd: {}, {} KiB", first.figures(), resident(pid));
    failed |= first.leaves().await.errors() > 0;
    sleep(FORGOTTEN).await;
    let before = resident(pid);
    println!("they have left: {before} KiB");

    let crowd = Crowd::comes(house.address, &tokens, plan).await;
    println!("{} customers and {} advisors are here: {} KiB", plan.customers, plan.advisors, resident(pid));
    let began = Instant::now();
    while began.elapsed().as_secs_f64() < plan.minutes * 60.0 {
        sleep(Duration::from_secs(60).min(Duration::from_secs_f64(plan.minutes * 60.0))).await;
        println!(
            "minute {:.0}: {}, {} KiB",
            began.elapsed().as_secs_f64() / 60.0,
            crowd.figures(),
            resident(pid)
        );
    }
    let during = resident(pid);
    let figures = crowd.leaves().await;
    println!("in the end: {figures}");
    failed |= figures.errors() > 0;

    let left = Instant::now();
    let limit = before + before * MORE / 100;
    // Left alone for as long as the first crowd's server was.
    sleep(FORGOTTEN).await;
    let mut after = resident(pid);
    while after > limit && left.elapsed() < COMES_BACK {
        sleep(Duration::from_secs(2)).await;
        after = resident(pid);
    }
    failed |= after > limit;
    println!(
        "resident KiB: before {before}, during {during}, {:.0} s after they left {after} ({:+.1} %)",
        left.elapsed().as_secs_f64(),
        (after as f64 / before as f64 - 1.0) * 100.0
    );
    house.terminate();
    let mut house = house;
    failed |= !house.ended().success();
    let verified = relais(&["log", "verify", "--data", &data]);
    failed |= !verified.status.success();
    println!("log: {}", String::from_utf8_lossy(&verified.stdout).trim());
    println!("{}", if failed { "FAILED" } else { "well" });
    ExitCode::from(u8::from(failed))
}
