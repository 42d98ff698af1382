//! A disk that is full, a folder that cannot be written, and a folder that somebody else has: nothing acknowledged is
//! lost, and everybody is told what is the matter.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::{House, relais};
use relais_tests::http;
use relais_tests::writer::{Writer, begin, ended, writers};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tempfile::TempDir;

/// A small disk in memory, mounted by whoever may.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mounted(mib: usize) -> Option<SmallDisk> {
        let folder = TempDir::new().unwrap();
        let size = format!("size={mib}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| SmallDisk { folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn remount(&self, how: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(self.path()).output();
        assert!(done.unwrap().status.success());
    }

    /// Fills what is free, but for about so many KiB.
    fn fill_up_to(&self, kib: usize) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = File::create(&path).unwrap();
        let block = [1; 4_096];
        while file.write_all(&block).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(kib as u64 * 1_024)).unwrap();
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).output();
    }
}

fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_that_was_acknowledged_and_everybody_is_told() {
    let Some(disk) = SmallDisk::mounted(48) else { return skipped("this user may not mount a small disk") };
    let mut house = House::demo_in(&disk.path().join("data"));
    let supervisor = house.token("claire");
    let mut people = writers(&house, 6).await;
    let acks = Arc::new(AtomicUsize::new(0));
    // A first breath while there is room, then the disk fills.
    people = ended(begin(people, house.address, &acks, false).await).await;
    assert_eq!(http::get(house.address, "/readyz").await.0, 200);
    let ballast = disk.fill_up_to(64);
    let mut acknowledged = 0;
    for _ in 0..20 {
        let acks = Arc::new(AtomicUsize::new(0));
        people.iter_mut().for_each(Writer::goes_on);
        people = ended(begin(people, house.address, &acks, false).await).await;
        acknowledged = people.iter().map(|writer| writer.acked.len()).sum();
        if people.iter().all(|writer| writer.close.is_some()) {
            break;
        }
    }
    house.until_told("disk is full").await;
    assert!(house.told().contains("nothing more is accepted until a restart"), "{}", house.told());
    assert!(acknowledged > 0);
    for writer in &people {
        assert_eq!(writer.close, Some(1013), "writer {}", writer.name);
    }

    // It is alive, says that it takes nothing, and lets nobody in who would wait in silence.
    let (status, body) = http::get(house.address, "/readyz").await;
    assert_eq!((status, http::code(&body).as_str()), (503, "not_ready"), "{body}");
    assert_eq!(http::get(house.address, "/healthz").await.0, 200);
    let (_, figures) = http::get(house.address, "/metrics").await;
    assert!(figures.contains("relais_log_ready 0"), "{figures}");
    assert_eq!(http::upgrade(house.address, "/ws/customer").await, 503);
    assert_eq!(http::upgrade(house.address, "/ws/advisor").await, 503);

    // A restart without room either works or says why.
    house.terminate();
    assert!(house.ended().success(), "{}", house.told());
    match house.try_start() {
        Ok(()) => house.kill(),
        Err(told) => assert!(told.contains("full"), "{told}"),
    }

    // With room again everything that was acknowledged is there, and it goes on.
    fs::remove_file(ballast).unwrap();
    house.start();
    assert_eq!(http::get(house.address, "/readyz").await.0, 200);
    for writer in &people {
        writer.check(house.address, &supervisor, false).await;
    }
    let acks = Arc::new(AtomicUsize::new(0));
    people = ended(begin(people, house.address, &acks, false).await).await;
    let mut checked = 0;
    for writer in &people {
        checked += writer.check(house.address, &supervisor, true).await;
    }
    eprintln!("{acknowledged} acknowledged when the disk was full, {checked} in the end");
}

#[test]
fn a_second_process_on_the_same_folder_is_told_who_has_it() {
    let house = House::demo();
    let data = house.data().display().to_string();
    let refused = relais(&["--demo", "--listen", "127.0.0.1:0", "--data", &data]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success());
    assert!(told.contains("in use by another process") && told.contains(&data), "{told}");
    assert!(told.contains(&format!("pid {}", house.pid())), "{told}");
    // What wants the folder for itself says so, too; what only reads, reads.
    let refused = relais(&["log", "erase", "--customer", "anon-1", "--data", &data]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("stop the server"));
    assert!(relais(&["log", "verify", "--data", &data]).status.success());
}

#[tokio::test]
async fn a_read_only_folder_is_told_and_works_again_when_it_may_be_written() {
    let Some(disk) = SmallDisk::mounted(48) else { return skipped("this user may not mount a small disk") };
    let mut house = House::demo_in(&disk.path().join("data"));
    let supervisor = house.token("claire");
    let acks = Arc::new(AtomicUsize::new(0));
    let mut people = writers(&house, 2).await;
    people.iter_mut().for_each(Writer::goes_on);
    people = ended(begin(people, house.address, &acks, false).await).await;
    house.terminate();
    assert!(house.ended().success());
    disk.remount("ro");
    let told = house.try_start().expect_err("nothing can be kept there");
    assert!(told.contains("read-only") || told.contains("readonly") || told.contains("Read-only"), "{told}");
    assert!(told.contains(&house.data().display().to_string()), "it names the folder: {told}");
    disk.remount("rw");
    house.start();
    for writer in &people {
        assert!(writer.check(house.address, &supervisor, true).await > 0);
    }
}
