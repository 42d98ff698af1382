//! What lets somebody in: one-time codes, tokens and sessions. Only their SHA-256 is stored, so that a stolen file
//! opens nothing; the secrets are random and long, and need no slow hash.

use super::Accounts;
use crate::error::LogError;
use conversation::{AdvisorId, Millis};
use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

/// The SHA-256 of a secret that was given out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Of the secret as its bearer shows it.
    pub fn of(secret: &str) -> SecretHash {
        SecretHash(Sha256::digest(secret.as_bytes()).into())
    }
}

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02x}{:02x}…", self.0[0], self.0[1])
    }
}

/// Which kind of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BearerKind {
    /// In a sign-in link: used once.
    Code,
    /// For programs, until it is revoked.
    Token,
    /// A browser's cookie.
    Session,
}

impl BearerKind {
    fn as_str(self) -> &'static str {
        match self {
            BearerKind::Code => "code",
            BearerKind::Token => "token",
            BearerKind::Session => "session",
        }
    }
}

/// A secret that was given out, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// Its hash; names it when it is revoked.
    pub hash: SecretHash,
    /// Whose.
    pub account: AdvisorId,
    /// Which kind.
    pub kind: BearerKind,
    /// What it is for, in the words of who made it.
    pub label: String,
    /// When it was made.
    pub made_at: Millis,
    /// When it ends; never, for a token without an end.
    pub expires_at: Option<Millis>,
}

impl Accounts {
    /// Gives out a code, a token or a session.
    ///
    /// # Errors
    /// There is no such account, or the storage fails.
    pub fn give(&self, bearer: &Bearer) -> Result<(), LogError> {
        let sql = "INSERT INTO bearers VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let row = (
            bearer.hash.0,
            bearer.account.as_str(),
            bearer.kind.as_str(),
            &bearer.label,
            bearer.made_at as i64,
            bearer.expires_at.map(|at| at as i64),
        );
        self.connection.execute(sql, row).map(|_| ()).map_err(LogError::sqlite("give a sign-in out"))
    }

    /// Uses a one-time code up: whose it is, once, and only before it ends. `None` for every other text.
    ///
    /// # Errors
    /// The storage fails.
    pub fn redeem(&self, code: SecretHash, now: Millis) -> Result<Option<AdvisorId>, LogError> {
        // One statement, so that two at once cannot both have it.
        let sql = "DELETE FROM bearers WHERE hash = ?1 AND kind = 'code' AND expires_at > ?2
            AND account IN (SELECT id FROM accounts WHERE NOT disabled) RETURNING account";
        self.whose(sql, (code.0, now as i64))
    }

    /// Whose token or session it is: neither ended nor revoked, its account not disabled.
    ///
    /// # Errors
    /// The storage fails.
    pub fn bearer(
        &self,
        secret: SecretHash,
        kind: BearerKind,
        now: Millis,
    ) -> Result<Option<AdvisorId>, LogError> {
        let sql = "SELECT account FROM bearers JOIN accounts ON accounts.id = bearers.account
            WHERE hash = ?1 AND (expires_at IS NULL OR expires_at > ?2) AND NOT disabled AND kind = ?3
            AND kind <> 'code'";
        self.whose(sql, (secret.0, now as i64, kind.as_str()))
    }

    /// Ends one token or session; whether there was one.
    ///
    /// # Errors
    /// The storage fails.
    pub fn revoke(&self, secret: SecretHash) -> Result<bool, LogError> {
        let sql = "DELETE FROM bearers WHERE hash = ?1";
        self.connection
            .execute(sql, [secret.0])
            .map(|rows| rows > 0)
            .map_err(LogError::sqlite("revoke a sign-in"))
    }

    /// Ends everything of one account; how many there were.
    ///
    /// # Errors
    /// The storage fails.
    pub fn revoke_all(&self, account: &AdvisorId) -> Result<usize, LogError> {
        let sql = "DELETE FROM bearers WHERE account = ?1";
        self.connection.execute(sql, [account.as_str()]).map_err(LogError::sqlite("revoke sign-ins"))
    }

    /// Everything given out to one account that has not ended, newest first.
    ///
    /// # Errors
    /// The storage fails.
    pub fn bearers(&self, account: &AdvisorId, now: Millis) -> Result<Vec<Bearer>, LogError> {
        let fault = LogError::sqlite("list sign-ins");
        let sql = "SELECT hash, kind, label, made_at, expires_at FROM bearers
            WHERE account = ?1 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY made_at DESC, hash";
        let mut statement = self.connection.prepare_cached(sql).map_err(&fault)?;
        let rows = statement.query_map((account.as_str(), now as i64), |row| {
            let kind: String = row.get(1)?;
            Ok(Bearer {
                hash: SecretHash(row.get(0)?),
                account: account.clone(),
                kind: match kind.as_str() {
                    "code" => BearerKind::Code,
                    "token" => BearerKind::Token,
                    _ => BearerKind::Session,
                },
                label: row.get(2)?,
                made_at: row.get::<_, i64>(3)? as u64,
                expires_at: row.get::<_, Option<i64>>(4)?.map(|at| at as u64),
            })
        });
        rows.map_err(&fault)?.map(|row| row.map_err(&fault)).collect()
    }

    /// Removes what has ended by itself; how many there were.
    ///
    /// # Errors
    /// The storage fails.
    pub fn forget_ended(&self, now: Millis) -> Result<usize, LogError> {
        let sql = "DELETE FROM bearers WHERE expires_at <= ?1";
        self.connection.execute(sql, [now as i64]).map_err(LogError::sqlite("remove ended sign-ins"))
    }

    fn whose(&self, sql: &str, params: impl rusqlite::Params) -> Result<Option<AdvisorId>, LogError> {
        let fault = LogError::sqlite("look a sign-in up");
        let mut statement = self.connection.prepare_cached(sql).map_err(&fault)?;
        let found: Option<String> =
            statement.query_row(params, |row| row.get(0)).optional().map_err(&fault)?;
        found
            .map(|id| AdvisorId::new(&id))
            .transpose()
            .map_err(|error| LogError::Storage { doing: "look a sign-in up", why: error.to_string() })
    }
}
