//! Bodies under a schema, as values or with messages at their places.
