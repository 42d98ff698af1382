//! The accounts: edits, sign-ins, secrets, two processes.

use super::*;

fn ines() -> Account {
    let mut account = Account::new(AdvisorId::new("ines").unwrap(), "Inès", Role::Advisor);
    account.skills = vec![(Skill::new("billing").unwrap(), 4)];
    account.langs = vec![Lang::new("fr").unwrap(), Lang::new("en").unwrap()];
    account.queues = Some(vec![QueueId::new("care").unwrap()]);
    account
}

#[test]
fn an_account_comes_back_as_it_went_in_and_another_connection_notices() {
    let dir = tempfile::tempdir().unwrap();
    let server = Accounts::open(dir.path()).unwrap();
    let other = Accounts::open(dir.path()).unwrap();
    let before = server.changed().unwrap();
    assert!(other.add(&ines()).unwrap());
    assert!(!other.add(&ines()).unwrap(), "a second of that id is refused");
    let after = server.changed().unwrap();
    assert!(after > before);
    assert_eq!(server.list().unwrap(), [ines()]);
    server.set_status(&ines().id, "available").unwrap();
    assert_eq!(server.changed().unwrap(), after, "a presence is no edit");
    let mut edited = ines();
    edited.disabled = true;
    assert!(other.update(&edited).unwrap());
    assert!(server.changed().unwrap() > after);
    let stored = server.get(&edited.id).unwrap().unwrap();
    assert!(stored.disabled && stored.status == "available", "an edit keeps the presence");
    assert!(other.remove(&edited.id).unwrap() && !other.remove(&edited.id).unwrap());
    assert_eq!(server.get(&edited.id).unwrap(), None);
}

fn bearer(secret: &str, kind: BearerKind, expires_at: Option<u64>) -> Bearer {
    let hash = SecretHash::of(secret);
    Bearer { hash, account: ines().id, kind, label: String::from("laptop"), made_at: 1, expires_at }
}

#[test]
fn a_code_works_once_and_only_in_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = Accounts::open(dir.path()).unwrap();
    assert!(accounts.give(&bearer("early", BearerKind::Code, Some(10))).is_err(), "there is no such account");
    accounts.add(&ines()).unwrap();
    accounts.give(&bearer("early", BearerKind::Code, Some(10))).unwrap();
    accounts.give(&bearer("late", BearerKind::Code, Some(10))).unwrap();
    assert_eq!(
        accounts.bearer(SecretHash::of("early"), BearerKind::Token, 5).unwrap(),
        None,
        "a code is no token"
    );
    assert_eq!(accounts.redeem(SecretHash::of("early"), 9).unwrap(), Some(ines().id));
    assert_eq!(accounts.redeem(SecretHash::of("early"), 9).unwrap(), None, "used");
    assert_eq!(accounts.redeem(SecretHash::of("late"), 10).unwrap(), None, "ended");
    assert_eq!(accounts.redeem(SecretHash::of("other"), 1).unwrap(), None);
    assert_eq!(accounts.forget_ended(10).unwrap(), 1);
}

#[test]
fn a_token_ends_when_it_is_revoked_or_its_account_disabled() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = Accounts::open(dir.path()).unwrap();
    accounts.add(&ines()).unwrap();
    accounts.give(&bearer("token", BearerKind::Token, None)).unwrap();
    accounts.give(&bearer("session", BearerKind::Session, Some(10))).unwrap();
    let token = |now| accounts.bearer(SecretHash::of("token"), BearerKind::Token, now).unwrap();
    let session = |now| accounts.bearer(SecretHash::of("session"), BearerKind::Session, now).unwrap();
    assert_eq!((token(99), session(9), session(10)), (Some(ines().id), Some(ines().id), None));
    assert_eq!(accounts.bearers(&ines().id, 5).unwrap().len(), 2);
    let before = accounts.changed().unwrap();
    assert!(accounts.revoke(SecretHash::of("session")).unwrap());
    assert!(accounts.changed().unwrap() > before, "the server must cut that browser");
    assert_eq!(session(1), None);
    let mut disabled = ines();
    disabled.disabled = true;
    accounts.update(&disabled).unwrap();
    assert_eq!(token(1), None);
    accounts.update(&ines()).unwrap();
    assert_eq!(token(1), Some(ines().id));
    assert_eq!(accounts.revoke_all(&ines().id).unwrap(), 1);
    assert_eq!(token(1), None);
}

#[test]
fn a_secret_is_made_once_and_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(secret(dir.path(), "customer-tokens", [7; 32]).unwrap(), [7; 32]);
    assert_eq!(secret(dir.path(), "customer-tokens", [8; 32]).unwrap(), [7; 32], "the first stays");
    assert_eq!(secret(dir.path(), "other", [8; 32]).unwrap(), [8; 32]);
    assert!(secret(dir.path(), "../escape", [8; 32]).is_err());
    let path = dir.path().join("secrets/other");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
    std::fs::write(&path, [1; 31]).unwrap();
    assert!(secret(dir.path(), "other", [8; 32]).unwrap_err().to_string().contains("31 bytes"));
    assert_eq!(std::fs::read_dir(dir.path().join("secrets")).unwrap().count(), 2, "nothing is left aside");
}

#[test]
fn a_newer_file_is_refused_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = Accounts::open(dir.path()).unwrap();
    accounts.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(accounts);
    let refused = Accounts::open(dir.path()).unwrap_err().to_string();
    assert!(refused.contains("format 99") && refused.contains(ACCOUNTS_FILE), "{refused}");
}
