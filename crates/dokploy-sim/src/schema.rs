//! What the tables of Dokploy's database look like: columns, defaults, foreign keys.

use crate::settings::Version;

/// A table.
pub(crate) struct Spec {
    /// Its name here and in the sandbox file.
    pub(crate) name: &'static str,
    /// Its name in Dokploy's SQL, which error messages quote.
    pub(crate) sql: &'static str,
    /// The word that counted ids begin with.
    pub(crate) word: &'static str,
    /// Its columns, the primary key first, in the order in which rows are answered.
    pub(crate) columns: &'static [Column],
    /// Sets of columns of which no two rows may have the same values.
    pub(crate) unique: &'static [&'static [&'static str]],
}

/// A table whose SQL name and word are its name.
pub(crate) const fn table(name: &'static str, columns: &'static [Column]) -> Spec {
    Spec {
        name,
        sql: name,
        word: name,
        columns,
        unique: &[],
    }
}

impl Spec {
    /// Its name in SQL.
    pub(crate) const fn sql(mut self, name: &'static str) -> Spec {
        self.sql = name;
        self
    }

    /// The word that counted ids begin with.
    pub(crate) const fn word(mut self, word: &'static str) -> Spec {
        self.word = word;
        self
    }

    /// No two rows may have the same values in these columns.
    pub(crate) const fn unique(mut self, sets: &'static [&'static [&'static str]]) -> Spec {
        self.unique = sets;
        self
    }

    /// The name of the primary key.
    pub(crate) fn key(&self) -> &'static str {
        self.columns.first().map_or("id", |it| it.name)
    }
}

/// A column.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// Its name in Dokploy's SQL, where that differs.
    pub(crate) sql: &'static str,
    pub(crate) fill: Fill,
    pub(crate) references: Option<Reference>,
    /// Absent in versions before this one.
    pub(crate) since: Version,
    /// Whether the database takes only whole numbers of 32 bits.
    pub(crate) is_int: bool,
}

/// What a column holds when an insert does not say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    Null,
    /// This JSON.
    Json(&'static str),
    /// A new id like Dokploy's own (21 characters).
    Id,
    /// A new id like better-auth's (32 letters and digits).
    LongId,
    /// The time of the insert.
    Now,
    /// The next number of the table.
    Serial,
}

/// A foreign key.
#[derive(Clone, Copy)]
pub(crate) struct Reference {
    /// The name of the table it points to.
    pub(crate) table: &'static str,
    pub(crate) on_delete: OnDelete,
}

/// What happens to a row when the row that it points to is deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDelete {
    /// It is deleted too.
    Cascade,
    /// Its pointer becomes null.
    SetNull,
}

/// A column that is null unless said otherwise.
pub(crate) const fn column(name: &'static str) -> Column {
    Column {
        name,
        sql: name,
        fill: Fill::Null,
        references: None,
        since: Version::V0_26_5,
        is_int: false,
    }
}

/// The primary key of most tables.
pub(crate) const fn id(name: &'static str) -> Column {
    column(name).fill(Fill::Id)
}

/// The time of creation.
pub(crate) const fn created_at() -> Column {
    column("createdAt").fill(Fill::Now)
}

/// The organization that owns the row; it goes with it.
pub(crate) const fn organization_id() -> Column {
    column("organizationId").points_to("organization", OnDelete::Cascade)
}

impl Column {
    /// What it holds when an insert does not say.
    pub(crate) const fn fill(mut self, fill: Fill) -> Column {
        self.fill = fill;
        self
    }

    /// The JSON that it holds when an insert does not say.
    pub(crate) const fn or(self, json: &'static str) -> Column {
        self.fill(Fill::Json(json))
    }

    /// Takes only whole numbers of 32 bits.
    pub(crate) const fn int(mut self) -> Column {
        self.is_int = true;
        self
    }

    /// Makes it a foreign key.
    pub(crate) const fn points_to(mut self, table: &'static str, on_delete: OnDelete) -> Column {
        self.references = Some(Reference { table, on_delete });
        self
    }

    /// Its name in SQL.
    pub(crate) const fn sql(mut self, name: &'static str) -> Column {
        self.sql = name;
        self
    }

    /// The first version that has it.
    pub(crate) const fn since(mut self, version: Version) -> Column {
        self.since = version;
        self
    }
}
