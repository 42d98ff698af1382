//! Listens to what customers write and says how frustrated they are, and by which words.
