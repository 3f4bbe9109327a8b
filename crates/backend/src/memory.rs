//! State in memory, for tests: it can be told to fail.

use state::{LockInfo, Snapshot, StateStore, StoreError};

/// A state in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// What is stored.
    pub snapshot: Option<Snapshot>,
    /// Records since the last write.
    pub records: Vec<Vec<u8>>,
    /// How many records were appended in all.
    pub n_appended: usize,
    /// How many times the state was written.
    pub n_written: usize,
    /// The append or write, counted from 1, that fails.
    pub fail_at: Option<usize>,
    lock: Option<LockInfo>,
}

impl MemoryStore {
    /// A store with a state.
    pub fn new(snapshot: Option<Snapshot>) -> Self {
        MemoryStore {
            snapshot,
            ..Self::default()
        }
    }

    fn step(&self) -> Result<(), StoreError> {
        if self.fail_at == Some(self.n_appended + self.n_written + 1) {
            return Err(StoreError::Io {
                doing: "write to memory".to_owned(),
                reason: "told to fail".to_owned(),
            });
        }
        Ok(())
    }
}

impl StateStore for MemoryStore {
    fn lock(&mut self, info: &LockInfo) -> Result<(), StoreError> {
        match &self.lock {
            Some(holder) => Err(StoreError::Locked(Box::new(holder.clone()))),
            None => {
                self.lock = Some(info.clone());
                Ok(())
            }
        }
    }

    fn unlock(&mut self) -> Result<(), StoreError> {
        self.lock = None;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Snapshot>, StoreError> {
        Ok(self.snapshot.clone())
    }

    fn write(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.step()?;
        self.n_written += 1;
        self.snapshot = Some(snapshot.clone());
        self.records = state::journal::still_open(&self.records, &snapshot.state);
        Ok(())
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.step()?;
        self.n_appended += 1;
        self.records.push(record.to_vec());
        Ok(())
    }

    fn journal(&mut self) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(self.records.clone())
    }
}
