//! Finished changes beside the state, until they are folded into it.
//!
//! `terraform.tfstate.journal`: a header of sixteen bytes, then records: length and CRC-32C (little-endian, four bytes
//! each), then the bytes. A record that was cut off, and whatever is behind it, was never promised to anybody and is cut.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, DiskFile, Opening};
use crate::write::write_on;

const HEADER: &[u8; 16] = b"dokplan-journal1";

/// The largest record: no object has that many attributes.
const LIMIT: usize = 64 << 20;

/// The journal of one state.
#[derive(Debug)]
pub(crate) struct Journal {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// The file once something was appended, and where its last whole record ends.
    file: Option<(Box<dyn DiskFile>, u64)>,
}

impl Journal {
    pub(crate) fn new(disk: Arc<dyn Disk>, path: PathBuf) -> Self {
        Journal {
            disk,
            path,
            file: None,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The whole records that are there.
    pub(crate) fn records(&self) -> io::Result<Vec<Vec<u8>>> {
        match self.disk.read(&self.path) {
            Ok(bytes) => Ok(parse(&bytes).0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Appends records; they survive a crash after this.
    pub(crate) fn append(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        let (file, end) = match &mut self.file {
            Some(it) => it,
            None => self.file.insert(open(self.disk.as_ref(), &self.path)?),
        };
        let mut bytes = Vec::new();
        frame(records, &mut bytes)?;
        let written = file.write_at(*end, &bytes).and_then(|()| file.sync());
        if written.is_ok() {
            *end += bytes.len() as u64;
        } else {
            // What was half written must not stand before later records. A sync that failed may have lost what stood
            // there before as well, and says so only once: the file is read again before anything is appended.
            let _ = file.cut(*end);
            self.file = None;
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
        write_on(self.disk.as_ref(), &self.path, &bytes)
    }

    /// Removes it.
    fn clear(&mut self) -> io::Result<()> {
        self.file = None;
        match self.disk.remove(&self.path) {
            Ok(()) => self.disk.sync_directory_of(&self.path),
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

fn open(disk: &dyn Disk, path: &Path) -> io::Result<(Box<dyn DiskFile>, u64)> {
    let mut file = disk.open(path, Opening::Kept)?;
    let end = parse(&file.read()?).1 as u64;
    file.cut(end)?;
    if end > 0 {
        return Ok((file, end));
    }
    file.write_at(0, HEADER)?;
    file.sync()?;
    disk.sync_directory_of(path)?;
    Ok((file, HEADER.len() as u64))
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
        // Where a disk has kept the new length and not the new bytes there are zeros, which have the right checksum of
        // nothing.
        let is_possible = (1..LIMIT).contains(&length);
        let Some(record) = tail.get(..length).filter(|_| is_possible) else {
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
    use crate::disk::RealDisk;

    #[test]
    fn a_torn_tail_is_cut_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.journal");
        let mut journal = Journal::new(Arc::new(RealDisk), path.clone());
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
                Journal::new(Arc::new(RealDisk), path.clone())
                    .records()
                    .unwrap()
                    .len(),
                expected,
                "cut at {cut}"
            );
            let mut again = Journal::new(Arc::new(RealDisk), path.clone());
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
    fn zeros_in_the_place_of_records_are_none() {
        let mut bytes = HEADER.to_vec();
        frame(&[b"one".to_vec()], &mut bytes).unwrap();
        let end = bytes.len();
        bytes.resize(end + 100, 0);
        assert_eq!(parse(&bytes), (vec![b"one".to_vec()], end));
    }

    #[test]
    fn a_changed_byte_ends_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.journal");
        Journal::new(Arc::new(RealDisk), path.clone())
            .append(&[b"one".to_vec(), b"two".to_vec()])
            .unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(
            Journal::new(Arc::new(RealDisk), path).records().unwrap(),
            [b"one".to_vec()]
        );
    }
}
