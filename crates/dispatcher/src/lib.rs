//! Chooses the best advisor for a waiting conversation, without a lock, and says why.
