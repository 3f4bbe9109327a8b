//! Finished changes beside the state, until they are folded into it.
//!
//! `terraform.tfstate.journal`: a header of sixteen bytes, then records: length and CRC-32C (little-endian, four bytes
//! each), then the bytes. A record that was cut off, and whatever is behind it, was never promised to anybody and is cut.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::write::{private, sync_directory, write_whole};

const HEADER: &[u8; 16] = b"dokplan-journal1";

/// The largest record: no object has that many attributes.
const LIMIT: usize = 64 << 20;

/// The journal of one state.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Option<File>,
}

impl Journal {
    pub(crate) fn new(path: PathBuf) -> Self {
        Journal { path, file: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The whole records that are there.
    pub(crate) fn records(&self) -> io::Result<Vec<Vec<u8>>> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(parse(&bytes).0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Appends records; they survive a crash after this.
    pub(crate) fn append(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open(&self.path)?),
        };
        let mut bytes = Vec::new();
        frame(records, &mut bytes)?;
        let start = file.stream_position()?;
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        if written.is_err() {
            // What was half written must not stand before later records.
            let _ = file
                .set_len(start)
                .and_then(|()| file.seek(SeekFrom::Start(start)).map(|_| ()));
        }
        written
    }

    /// Puts these records in the place of all: everything else in it is in the state.
    pub(crate) fn reset(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        if records.is_empty() {
            return self.clear();
        }
        self.file = None;
        let mut bytes = HEADER.to_vec();
        frame(records, &mut bytes)?;
        write_whole(&self.path, &bytes)
    }

    /// Removes it.
    fn clear(&mut self) -> io::Result<()> {
        self.file = None;
        match std::fs::remove_file(&self.path) {
            Ok(()) => sync_directory(&self.path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn frame(records: &[Vec<u8>], bytes: &mut Vec<u8>) -> io::Result<()> {
    for record in records {
        let length = u32::try_from(record.len())
            .ok()
            .filter(|it| (*it as usize) < LIMIT);
        let length =
            length.ok_or_else(|| io::Error::other("a record of the journal is too large"))?;
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(record).to_le_bytes());
        bytes.extend_from_slice(record);
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    private(&mut options);
    let mut file = options.open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let end = parse(&bytes).1;
    if end == 0 {
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(HEADER)?;
        file.sync_all()?;
        sync_directory(path)?;
    } else {
        file.set_len(end as u64)?;
        file.seek(SeekFrom::Start(end as u64))?;
    }
    Ok(file)
}

/// The whole records, and where the last of them ends (0 without a sound header).
pub(crate) fn parse(bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let mut res = Vec::new();
    let Some(mut rest) = bytes.strip_prefix(HEADER) else {
        return (res, 0);
    };
    let mut end = HEADER.len();
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, e, f, g, h] = *head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let Some(record) = tail.get(..length).filter(|_| length < LIMIT) else {
            break;
        };
        if crc32c::crc32c(record) != u32::from_le_bytes([e, f, g, h]) {
            break;
        }
        res.push(record.to_vec());
        rest = &tail[length..];
        end += 8 + length;
    }
    (res, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_tail_is_cut_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.journal");
        let mut journal = Journal::new(path.clone());
        journal.append(&[b"one".to_vec(), b"two".to_vec()]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let expected = match cut {
                38.. => 2,
                27.. => 1,
                _ => 0,
            };
            assert_eq!(
                Journal::new(path.clone()).records().unwrap().len(),
                expected,
                "cut at {cut}"
            );
            let mut again = Journal::new(path.clone());
            again.append(&[b"three".to_vec()]).unwrap();
            let records = again.records().unwrap();
            assert_eq!(
                (records.len(), &records[expected][..]),
                (expected + 1, &b"three"[..]),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn a_changed_byte_ends_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.journal");
        Journal::new(path.clone())
            .append(&[b"one".to_vec(), b"two".to_vec()])
            .unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(Journal::new(path).records().unwrap(), [b"one".to_vec()]);
    }
}
