//! The pages that people see: console, widget and demo shop, built by npm and embedded.
