//! Durable appends: the log against a bare SQLite table and a plain file, same events, same run, each batch synced.
//!
//! `cargo bench -p relais-benches --bench append`; with `RELAIS_BENCH_OPEN=10000000` it instead fills a log with
//! that many events (about 4 GB for 10 million) and measures how long opening it takes, after a clean end and after a
//! kill, beside reading the log's file once.
//!
//! The events are a shop's: 2,000 conversations at once, 40 events each, then a new one takes its place; a quarter
//! of the events carry a cid. Every figure is the median of three interleaved runs.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

use conversation::{
    Author, Cid, ConversationId, CustomerId, Event, EventKind, Lang, Millis, Owner, Seq, Signal, SiteId,
};
use eventlog::{EventLog, History, LogError, SqliteLog};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Conversations that are open at once.
const ACTIVE: usize = 2_000;
/// Events of one conversation.
const LENGTH: Seq = 40;
/// Runs of each engine, interleaved.
const RUNS: usize = 3;

fn main() -> Outcome<()> {
    if let Some(folder) = std::env::var_os("RELAIS_BENCH_LIFE") {
        return life(Path::new(&folder));
    }
    let mut out = std::io::stdout().lock();
    if let Ok(events) = std::env::var("RELAIS_BENCH_OPEN") {
        return opening(&mut out, events.parse()?);
    }
    writeln!(out, "engine, events a batch: events/s, p50 / p99 ms a batch, bytes an event")?;
    for (size, batches) in [(1, 2_000), (256, 800), (2_048, 120)] {
        let mut figures: Vec<Vec<Figure>> = vec![Vec::new(); ENGINES.len()];
        for _ in 0..RUNS {
            for (engine, figures) in ENGINES.iter().zip(&mut figures) {
                figures.push(run(engine.make, size, batches)?);
            }
        }
        let mut rates = Vec::new();
        for (engine, mut figures) in ENGINES.iter().zip(figures) {
            figures.sort_by(|a, b| a.rate.total_cmp(&b.rate));
            let figure = &figures[RUNS / 2];
            writeln!(
                out,
                "{}, {size}: {:.0}/s, {:.2} / {:.2} ms, {:.0} bytes",
                engine.name, figure.rate, figure.p50, figure.p99, figure.bytes
            )?;
            rates.push(figure.rate);
        }
        let share = 100.0 * rates[2] / rates[1];
        writeln!(out, "the log reaches {share:.0} % of the bare SQLite insert at {size}\n")?;
    }
    Ok(())
}

struct Engine {
    name: &'static str,
    make: fn(&Path) -> Outcome<Box<dyn Sink>>,
}

const ENGINES: [Engine; 4] = [
    Engine { name: "plain file + fdatasync", make: |folder| Ok(Box::new(PlainFile::new(folder)?)) },
    Engine { name: "bare SQLite insert", make: |folder| Ok(Box::new(Bare::new(folder)?)) },
    Engine { name: "the log", make: |folder| Ok(Box::new(Followed::new(folder)?)) },
    Engine {
        name: "the log, no follower running",
        make: |folder| Ok(Box::new(SqliteLog::open(folder, "bench")?.0)),
    },
];

/// Writes a batch and returns when it is on disk.
trait Sink {
    fn write(&mut self, batch: &[Event]) -> Outcome<()>;
}

impl Sink for SqliteLog {
    fn write(&mut self, batch: &[Event]) -> Outcome<()> {
        self.append(batch)?;
        Ok(())
    }
}

/// As the server runs it: look-ups and full text follow on a thread of their own, in the measured time.
struct Followed {
    log: SqliteLog,
    stop: Arc<AtomicBool>,
    follower: Option<JoinHandle<Result<(), LogError>>>,
}

impl Followed {
    fn new(folder: &Path) -> Outcome<Followed> {
        let (log, _) = SqliteLog::open(folder, "bench")?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut follower = log.follower()?;
        let ended = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                if follower.step()?.is_idle() {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
            Ok(())
        });
        Ok(Followed { log, stop, follower: Some(thread) })
    }
}

impl Sink for Followed {
    fn write(&mut self, batch: &[Event]) -> Outcome<()> {
        self.log.append(batch)?;
        Ok(())
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.follower.take() {
            let _ = thread.join();
        }
    }
}

/// The floor: the bytes and the sync, nothing else.
struct PlainFile {
    file: std::fs::File,
    bytes: Vec<u8>,
}

impl PlainFile {
    fn new(folder: &Path) -> Outcome<PlainFile> {
        Ok(PlainFile { file: std::fs::File::create(folder.join("plain"))?, bytes: Vec::new() })
    }
}

impl Sink for PlainFile {
    fn write(&mut self, batch: &[Event]) -> Outcome<()> {
        self.bytes.clear();
        for event in batch {
            serde_json::to_writer(&mut self.bytes, event)?;
            self.bytes.push(b'\n');
        }
        self.file.write_all(&self.bytes)?;
        self.file.sync_data()?;
        Ok(())
    }
}

/// What SQLite does at best: one table, no index, no look-up, no check.
struct Bare {
    connection: rusqlite::Connection,
    body: Vec<u8>,
}

impl Bare {
    fn new(folder: &Path) -> Outcome<Bare> {
        let connection = rusqlite::Connection::open(folder.join("bare.db"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE log (position INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, seq INTEGER NOT NULL,
             at INTEGER NOT NULL, cid TEXT, body BLOB NOT NULL)",
        )?;
        Ok(Bare { connection, body: Vec::new() })
    }
}

impl Sink for Bare {
    fn write(&mut self, batch: &[Event]) -> Outcome<()> {
        let transaction = self.connection.transaction()?;
        {
            let sql = "INSERT INTO log (conversation, seq, at, cid, body) VALUES (?1, ?2, ?3, ?4, ?5)";
            let mut insert = transaction.prepare_cached(sql)?;
            for event in batch {
                self.body.clear();
                serde_json::to_writer(&mut self.body, &event.kind)?;
                let cid = event.cid.as_ref().map(|cid| cid.as_str());
                let id = event.conversation.0 as i64;
                insert.execute((id, event.seq as i64, event.at as i64, cid, self.body.as_slice()))?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

#[derive(Clone)]
struct Figure {
    rate: f64,
    p50: f64,
    p99: f64,
    bytes: f64,
}

fn run(make: fn(&Path) -> Outcome<Box<dyn Sink>>, size: usize, batches: usize) -> Outcome<Figure> {
    let folder = tempfile::tempdir()?;
    let mut sink = make(folder.path())?;
    let mut traffic = Traffic::new(7);
    // The conversations are under way before the clock runs.
    let warm: Vec<Event> = (0..ACTIVE * 4).map(|_| traffic.next()).collect();
    for batch in warm.chunks(1_000) {
        sink.write(batch)?;
    }
    let events: Vec<Event> = (0..size * batches).map(|_| traffic.next()).collect();
    let mut times: Vec<Duration> = Vec::with_capacity(batches);
    let started = Instant::now();
    for batch in events.chunks(size) {
        let began = Instant::now();
        sink.write(batch)?;
        times.push(began.elapsed());
    }
    let rate = events.len() as f64 / started.elapsed().as_secs_f64();
    drop(sink);
    times.sort();
    let ms = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder.path())? {
        bytes += entry?.metadata()?.len();
    }
    let bytes = bytes as f64 / (events.len() + warm.len()) as f64;
    Ok(Figure { rate, p50: ms(0.5), p99: ms(0.99), bytes })
}

/// Fills a log and opens it again, as after a clean end and as after a kill.
/// Events that a life appends before it is killed: what the index may be behind, and a journal of some size.
const UNINDEXED: usize = 60_000;

fn opening(out: &mut impl Write, count: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    fill(folder.path(), count)?;
    let log = folder.path().join("log.db");
    let ms = |since: Instant| since.elapsed().as_secs_f64() * 1_000.0;
    for life in ["a clean end", "a kill"] {
        if life == "a kill" {
            killed(folder.path())?;
        }
        let (mut opened, mut listed, mut read) = (Vec::new(), Vec::new(), Vec::new());
        let (mut events, mut open, mut bytes) = (0, 0, 0);
        for round in 0..RUNS {
            // The yardstick: as much as it takes to read the log's file, which the system has in memory now.
            let started = Instant::now();
            bytes = std::io::copy(&mut std::fs::File::open(&log)?, &mut std::io::sink())?;
            read.push(ms(started));
            let started = Instant::now();
            let (log, found) = SqliteLog::open(folder.path(), "other")?;
            opened.push(ms(started));
            events = found.events;
            open = log.open_conversations()?.len();
            listed.push(ms(started));
            drop(log);
            if life == "a kill" && round + 1 < RUNS {
                killed(folder.path())?;
            }
        }
        for figures in [&mut opened, &mut listed, &mut read] {
            figures.sort_by(f64::total_cmp);
        }
        writeln!(
            out,
            "opening {events} events after {life}: {:.0} ms; with the list of its {open} open conversations {:.0} ms; \
             reading its {:.1} GB once {:.0} ms",
            opened[RUNS / 2],
            listed[RUNS / 2],
            bytes as f64 / 1e9,
            read[RUNS / 2]
        )?;
    }
    Ok(())
}

fn fill(folder: &Path, count: usize) -> Outcome<()> {
    let (mut log, _) = SqliteLog::open(folder, "bench")?;
    let mut traffic = Traffic::new(7);
    let mut left = count;
    while left > 0 {
        let batch: Vec<Event> = (0..left.min(10_000)).map(|_| traffic.next()).collect();
        log.append(&batch)?;
        left -= batch.len();
    }
    Ok(())
}

/// A process of its own appends, indexes nothing, and ends without a word.
fn killed(folder: &Path) -> Outcome<()> {
    let mut child = std::process::Command::new(std::env::current_exe()?);
    let ended = child.env("RELAIS_BENCH_LIFE", folder).env_remove("RELAIS_BENCH_OPEN").status()?;
    if ended.success() { Err("the other life ended well".into()) } else { Ok(()) }
}

fn life(folder: &Path) -> Outcome<()> {
    let (mut log, found) = SqliteLog::open(folder, "other")?;
    let mut traffic = Traffic::new(found.events);
    for _ in 0..UNINDEXED / 1_000 {
        let batch: Vec<Event> = (0..1_000).map(|_| traffic.next()).collect();
        log.append(&batch)?;
    }
    std::process::abort();
}

/// A shop's traffic; the same seed gives the same events.
struct Traffic {
    random: u64,
    now: Millis,
    active: Vec<(ConversationId, Seq)>,
}

impl Traffic {
    fn new(seed: u64) -> Traffic {
        let mut traffic = Traffic { random: seed, now: 1_700_000_000_000, active: Vec::new() };
        traffic.active = (0..ACTIVE).map(|_| (ConversationId(traffic.draw()), 0)).collect();
        traffic
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn next(&mut self) -> Event {
        self.now += 1;
        let place = self.draw() as usize % ACTIVE;
        let (conversation, seq) = self.active[place];
        let seq = seq + 1;
        let kind = kind(conversation, seq);
        self.active[place] = (conversation, seq);
        if seq == LENGTH {
            self.active[place] = (ConversationId(self.draw()), 0);
        }
        let cid = (seq % 4 == 2).then(|| Cid::new(&format!("{:016x}", self.draw())).ok()).flatten();
        Event { conversation, seq, at: self.now, cid, kind }
    }
}

fn kind(conversation: ConversationId, seq: Seq) -> EventKind {
    let names = || {
        Some((
            SiteId::new("shop").ok()?,
            Lang::new("fr").ok()?,
            CustomerId::new(&format!("id-{}", conversation.0 % 50_000)).ok()?,
        ))
    };
    match seq {
        1 => match names() {
            Some((site, lang, customer)) => {
                EventKind::Opened { site, lang, customer, profile: None, page: None }
            }
            None => EventKind::HumanAsked,
        },
        LENGTH => EventKind::Owner { owner: Owner::Closed, name: None },
        _ if seq % 4 == 3 => EventKind::Analyzed {
            of: seq - 1,
            frustration: (conversation.0 % 1_000) as f32 / 1_000.0,
            trend: 0.125,
            signals: vec![
                Signal { kind: String::from("repeated_contact"), weight: 1.25, start: 3, end: 27 },
                Signal { kind: String::from("annoyance"), weight: 0.75, start: 30, end: 41 },
            ],
            model: String::from("2026-01"),
        },
        _ => EventKind::Message {
            from: if seq % 4 == 2 { Author::Customer } else { Author::Bot },
            name: None,
            advisor: None,
            text: String::from(
                "Bonjour, c'est la troisième fois que je vous écris au sujet de ma commande 4521, qui devait \
                 arriver lundi dernier ; personne ne me répond et le suivi ne bouge plus depuis une semaine. \
                 Pouvez-vous me dire où elle est ?",
            ),
            choices: vec![],
        },
    }
}
