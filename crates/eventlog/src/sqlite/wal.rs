//! The journal, seen from outside SQLite: what of it the last life left torn, and room for the next life's.
//!
//! Format: <https://www.sqlite.org/fileformat2.html#walformat>. SQLite drops by itself what follows the last whole
//! commit; this only says so.

use std::io::{Read, Write};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// What will be dropped from the journal of the file at `path`, in a sentence; nothing if it is whole.
pub fn torn(path: &Path) -> Option<String> {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let file = std::fs::File::open(name).ok()?;
    let mut journal = std::io::BufReader::with_capacity(1 << 20, file);
    let mut header = [0; HEADER];
    let got = fill(&mut journal, &mut header);
    if got == 0 {
        return None;
    }
    if header == [0; HEADER] {
        // Room that was never written to.
        return None;
    }
    let bad_header =
        || Some(String::from("the journal's head was torn: nothing of it was committed, and it was dropped"));
    if got < HEADER {
        return bad_header();
    }
    let word = |bytes: &[u8], at: usize| {
        u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    };
    // The lowest bit of the magic number says in which byte order the sums were made.
    let big = match word(&header, 0) {
        0x377f_0682 => false,
        0x377f_0683 => true,
        _ => return bad_header(),
    };
    let page = word(&header, 8) as usize;
    let mut sum = checksum(&header[..24], (0, 0), big);
    if sum != (word(&header, 24), word(&header, 28)) || !(512..=65_536).contains(&page) {
        return bad_header();
    }
    let salt = (word(&header, 16), word(&header, 20));
    let mut frame = vec![0; FRAME_HEADER + page];
    // Whole frames since the last commit.
    let mut uncommitted = 0_u64;
    loop {
        let got = fill(&mut journal, &mut frame);
        if got < FRAME_HEADER || (word(&frame, 8), word(&frame, 12)) != salt {
            // Frames of another salt are what an earlier use of the file left, and were written back long ago.
            let cut = got > 0 && got < FRAME_HEADER;
            return (uncommitted > 0 || cut).then(|| sentence(uncommitted));
        }
        if got == frame.len() {
            sum = checksum(&frame[..8], sum, big);
            sum = checksum(&frame[FRAME_HEADER..], sum, big);
        }
        if got < frame.len() || sum != (word(&frame, 16), word(&frame, 20)) {
            return Some(sentence(uncommitted + 1));
        }
        uncommitted = if word(&frame, 4) > 0 { 0 } else { uncommitted + 1 };
    }
}

/// Makes the empty journal of the file at `path` this long, in noughts, which SQLite takes for nothing and writes
/// over from the beginning. A journal that need not grow is synced without a change of its length or its blocks,
/// which on a journalling file system is half the price. Where there is no room for it, it stays empty.
pub fn reserve(path: &Path, bytes: usize) {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let Ok(mut file) = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(name) else {
        return;
    };
    if file.metadata().map_or(true, |found| found.len() > 0) {
        return;
    }
    if fill_with_noughts(&mut file, bytes).is_err() {
        let _ = file.set_len(0);
    }
}

fn fill_with_noughts(file: &mut std::fs::File, bytes: usize) -> std::io::Result<()> {
    let noughts = vec![0; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let some = left.min(noughts.len());
        file.write_all(&noughts[..some])?;
        left -= some;
    }
    file.sync_all()
}

fn sentence(pages: u64) -> String {
    format!(
        "the journal ended in a batch that was cut off while it was written, never acknowledged: {} of it {} dropped",
        if pages == 1 { String::from("1 page") } else { format!("{pages} pages") },
        if pages == 1 { "was" } else { "were" }
    )
}

/// Reads until the buffer is full or the file ends; how much that was.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> usize {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..]) {
            Ok(0) | Err(_) => break,
            Ok(more) => got += more,
        }
    }
    got
}

fn checksum(bytes: &[u8], start: (u32, u32), big: bool) -> (u32, u32) {
    let word = |bytes: [u8; 4]| if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    bytes.as_chunks::<8>().0.iter().fold(start, |(one, two), chunk| {
        let [a, b, c, d, e, f, g, h] = *chunk;
        let one = one.wrapping_add(word([a, b, c, d])).wrapping_add(two);
        let two = two.wrapping_add(word([e, f, g, h])).wrapping_add(one);
        (one, two)
    })
}
