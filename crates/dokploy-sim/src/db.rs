//! The rows of the pretend database: inserts with defaults, updates, deletes that follow foreign keys,
//! and the raw SQL errors that Dokploy lets through.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::deploying::Yard;
use crate::routers;
use crate::schema::{Fill, OnDelete, Spec};
use crate::settings::{IdStyle, Settings};
use crate::time;

/// A row: column names in the order of the table.
pub(crate) type Row = Map<String, Value>;

/// The raw text of a database error.
#[derive(Clone, Debug)]
pub(crate) struct DbError(pub(crate) String);

/// All content of the server.
pub(crate) struct Db {
    pub(crate) settings: Settings,
    pub(crate) tables: BTreeMap<&'static str, Table>,
    /// How many random things were made; with the seed it decides the next.
    pub(crate) counter: u64,
    /// How many counted ids were made, by word.
    pub(crate) counted: BTreeMap<String, u64>,
    /// The time in milliseconds since 1970.
    pub(crate) now: u64,
    /// How many calls of mutations were carried out.
    pub(crate) changes: u64,
    /// The procedures that were called since the start of the process.
    pub(crate) called: BTreeSet<&'static str>,
    /// The passwords that `docker login` refuses.
    pub(crate) refused_passwords: Vec<String>,
    /// Deployments; not content.
    pub(crate) yard: Yard,
}

/// The rows of one table in the order of their insertion.
#[derive(Default)]
pub(crate) struct Table {
    rows: BTreeMap<u64, Row>,
    by_id: HashMap<String, u64>,
    next: u64,
}

impl Table {
    pub(crate) fn get(&self, id: &str) -> Option<&Row> {
        self.rows.get(self.by_id.get(id)?)
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Row> {
        self.rows.get_mut(self.by_id.get(id)?)
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.rows.values()
    }

    /// Adds a row, or replaces the one with the same key.
    pub(crate) fn put(&mut self, key: &str, row: Row) {
        let id = row
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let at = *self.by_id.entry(id).or_insert_with(|| {
            self.next += 1;
            self.next
        });
        self.rows.insert(at, row);
    }

    fn take(&mut self, id: &str) -> Option<Row> {
        self.rows.remove(&self.by_id.remove(id)?)
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

impl Db {
    pub(crate) fn new(settings: Settings) -> Db {
        Db {
            now: settings.started_at,
            settings,
            tables: BTreeMap::new(),
            counter: 0,
            changes: 0,
            counted: BTreeMap::new(),
            called: BTreeSet::new(),
            // What the stand-in of the recordings refused; the second one shows that a quote defeats the masking.
            refused_passwords: vec!["wrong".to_owned(), "wr'ong".to_owned()],
            yard: Yard::default(),
        }
    }

    /// The row with this id.
    pub(crate) fn get(&self, table: &Spec, id: &str) -> Option<&Row> {
        self.tables.get(table.name)?.get(id)
    }

    /// All rows, oldest first.
    pub(crate) fn rows(&self, table: &Spec) -> impl DoubleEndedIterator<Item = &Row> {
        self.tables
            .get(table.name)
            .into_iter()
            .flat_map(Table::rows)
    }

    /// The rows whose column has this value, oldest first.
    pub(crate) fn rows_with<'a>(
        &'a self,
        table: &Spec,
        column: &'a str,
        value: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a Row> {
        self.rows(table).filter(move |it| text(it, column) == value)
    }

    /// Adds a row of the given values, and defaults for the rest.
    pub(crate) fn insert(&mut self, table: &'static Spec, given: Row) -> Result<Row, DbError> {
        let mut row = Row::new();
        let mut values = Vec::new();
        let mut params = Vec::new();
        let version = self.settings.version;
        for column in table.columns.iter().filter(|it| it.since <= version) {
            let (value, is_param) = match (given.get(column.name), column.fill) {
                (Some(value), _) => (value.clone(), true),
                (None, Fill::Null) => (Value::Null, false),
                (None, Fill::Json(json)) => (serde_json::from_str(json).unwrap_or_default(), false),
                (None, Fill::Id) => (json!(self.new_id(table.word)), true),
                (None, Fill::LongId) => (json!(self.new_long_id(table.word)), true),
                (None, Fill::Now) => (json!(self.tick()), true),
                (None, Fill::Serial) => {
                    let n = self
                        .counted
                        .entry(format!("serial of {}", table.name))
                        .or_default();
                    *n = n.wrapping_add(1);
                    (json!(*n), false)
                }
            };
            if is_param {
                params.push(param(&value));
                values.push(format!("${}", params.len()));
            } else {
                values.push("default".to_owned());
            }
            row.insert(column.name.to_owned(), value);
        }
        if !self.is_sound(table, &given) || self.clashes(table, &row) {
            return Err(DbError(format!(
                "Failed query: insert into \"{}\" ({}) values ({}) returning {}\nparams: {}",
                table.sql,
                self.column_list(table),
                values.join(", "),
                self.column_list(table),
                params.join(","),
            )));
        }
        self.tables
            .entry(table.name)
            .or_default()
            .put(table.key(), row.clone());
        Ok(row)
    }

    /// Changes some columns, and gives the row; none if there is no such row.
    /// An update of nothing is an error, as with Dokploy.
    pub(crate) fn update(
        &mut self,
        table: &'static Spec,
        id: &str,
        patch: &Row,
    ) -> Result<Option<Row>, DbError> {
        let set: Vec<(&str, &Value)> = table
            .columns
            .iter()
            .filter(|it| it.since <= self.settings.version)
            .filter_map(|it| Some((it.name, patch.get(it.name)?)))
            .collect();
        if set.is_empty() {
            return Err(DbError("No values to set".to_owned()));
        }
        let mut changed = self.get(table, id).cloned().unwrap_or_default();
        changed.extend(patch.clone());
        if !self.is_sound(table, patch) || self.clashes(table, &changed) {
            let assignments: Vec<String> = set
                .iter()
                .enumerate()
                .map(|(n, (name, _))| format!("\"{}\" = ${}", sql_name(table, name), n + 1))
                .collect();
            let params: Vec<String> = set
                .iter()
                .map(|(_, value)| param(value))
                .chain([id.to_owned()])
                .collect();
            return Err(self.failed_update(table, &assignments.join(", "), &params));
        }
        let Some(row) = self
            .tables
            .get_mut(table.name)
            .and_then(|it| it.get_mut(id))
        else {
            return Ok(None);
        };
        for (name, value) in set {
            row.insert(name.to_owned(), value.clone());
        }
        Ok(Some(row.clone()))
    }

    /// Adds to a list that a row holds.
    pub(crate) fn push(&mut self, table: &Spec, id: &str, column: &str, value: Value) {
        let row = self
            .tables
            .get_mut(table.name)
            .and_then(|it| it.get_mut(id));
        if let Some(Value::Array(list)) = row.and_then(|it| it.get_mut(column)) {
            list.push(value);
        }
    }

    /// The error of an update whose SQL the database refuses.
    pub(crate) fn failed_update(&self, table: &Spec, set: &str, params: &[String]) -> DbError {
        DbError(format!(
            "Failed query: update \"{0}\" set {set} where \"{0}\".\"{1}\" = ${2} returning {3}\nparams: {4}",
            table.sql,
            table.key(),
            params.len(),
            self.column_list(table),
            params.join(","),
        ))
    }

    /// Deletes a row and what goes with it; none if there is no such row.
    pub(crate) fn delete(&mut self, table: &Spec, id: &str) -> Option<Row> {
        let res = self.tables.get_mut(table.name)?.take(id)?;
        let mut gone = vec![(table.name, id.to_owned())];
        while let Some((name, id)) = gone.pop() {
            for spec in routers::tables() {
                for column in spec.columns {
                    let Some(reference) = column.references.filter(|it| it.table == name) else {
                        continue;
                    };
                    let Some(table) = self.tables.get_mut(spec.name) else {
                        continue;
                    };
                    let pointing: Vec<String> = table
                        .rows()
                        .filter(|it| text(it, column.name) == id)
                        .map(|it| text(it, spec.key()).to_owned())
                        .collect();
                    for row in pointing {
                        match reference.on_delete {
                            OnDelete::Cascade => {
                                if table.take(&row).is_some() {
                                    gone.push((spec.name, row));
                                }
                            }
                            OnDelete::SetNull => {
                                if let Some(row) = table.get_mut(&row) {
                                    row.insert(column.name.to_owned(), Value::Null);
                                }
                            }
                        }
                    }
                }
            }
        }
        Some(res)
    }

    /// Whether the database takes these values: no NUL in a text, no number out of range, and no pointer to a row that does not exist.
    fn is_sound(&self, table: &Spec, values: &Row) -> bool {
        table.columns.iter().all(|column| {
            let value = match values.get(column.name) {
                Some(Value::String(value)) => value,
                Some(Value::Number(number)) if column.is_int => {
                    return number.as_i64().is_some_and(|it| i32::try_from(it).is_ok());
                }
                _ => return true,
            };
            let is_checked = self.settings.ids == IdStyle::Nanoid;
            let points = column
                .references
                .filter(|_| is_checked)
                .is_none_or(|reference| {
                    self.tables
                        .get(reference.table)
                        .is_some_and(|it| it.get(value).is_some())
                });
            points && !value.contains('\0')
        })
    }

    /// Whether another row has the same values where they must be unique.
    fn clashes(&self, table: &Spec, row: &Row) -> bool {
        table.unique.iter().any(|columns| {
            self.rows(table).any(|other| {
                text(other, table.key()) != text(row, table.key())
                    && columns.iter().all(|it| other.get(*it) == row.get(*it))
            })
        })
    }

    fn column_list(&self, table: &Spec) -> String {
        let known = table
            .columns
            .iter()
            .filter(|it| it.since <= self.settings.version);
        known
            .map(|it| format!("\"{}\"", it.sql))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// A new id; with counted ids, the word padded with zeros and a counter to 21 characters.
    pub(crate) fn new_id(&mut self, word: &str) -> String {
        match self.settings.ids {
            IdStyle::Nanoid => self.random(21, LETTERS),
            IdStyle::Counted => self.next_counted(word),
        }
    }

    /// A new id of 32 letters and digits, as better-auth makes them.
    pub(crate) fn new_long_id(&mut self, word: &str) -> String {
        match self.settings.ids {
            IdStyle::Nanoid => self.random(32, &LETTERS[..62]),
            IdStyle::Counted => self.next_counted(word),
        }
    }

    fn next_counted(&mut self, word: &str) -> String {
        let n = self.counted.entry(word.to_owned()).or_default();
        *n = n.wrapping_add(1);
        format!(
            "{word}{n:0width$}",
            width = 21_usize.saturating_sub(word.len())
        )
    }

    /// The name under which an application runs: a random end that cannot be chosen.
    pub(crate) fn app_name(&mut self, prefix: &str) -> String {
        match self.settings.ids {
            IdStyle::Nanoid => format!(
                "{prefix}-{}",
                self.random(6, b"abcdefghijklmnopqrstuvwxyz0123456789")
            ),
            IdStyle::Counted => format!("{prefix}-abc123"),
        }
    }

    /// Random characters that follow from the seed and how many were asked for before.
    pub(crate) fn random(&mut self, length: usize, alphabet: &[u8]) -> String {
        self.counter = self.counter.wrapping_add(1);
        let mut state = self.settings.seed ^ self.counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (0..length)
            .filter_map(|_| {
                let n = split_mix(&mut state) % alphabet.len() as u64;
                alphabet.get(n as usize).map(|it| char::from(*it))
            })
            .collect()
    }

    /// Moves the clock by a tick, and gives the time.
    pub(crate) fn tick(&mut self) -> String {
        self.now = self.now.saturating_add(self.settings.tick);
        time::iso(self.now)
    }
}

/// The next number of a sequence (SplitMix64).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut it = *state;
    it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    it ^ (it >> 31)
}

fn sql_name(table: &Spec, column: &str) -> &'static str {
    table
        .columns
        .iter()
        .find(|it| it.name == column)
        .map_or("?", |it| it.sql)
}

/// A value as JavaScript prints it within a list of parameters.
pub(crate) fn param(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(it) => it.clone(),
        Value::Array(items) => items.iter().map(param).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// The text of a column; empty if it is null or missing.
pub(crate) fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// The members of a JSON object; none for anything else. For rows written with `json!`.
pub(crate) fn row(value: Value) -> Row {
    match value {
        Value::Object(it) => it,
        _ => Row::new(),
    }
}
