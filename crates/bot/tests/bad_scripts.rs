//! What is wrong with a script is told with its line and what to do; all of it at once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use bot::{Script, Variables};
use std::fmt::Write;

/// A script with nothing to be said against it; each case changes it.
const GOOD: &str = include_str!("small.toml");

/// The problems of a script, one a line.
fn told(text: &str) -> String {
    let (script, problems) = Script::compile("a.toml", text);
    let errors = problems.iter().any(|problem| problem.severity == settings::Severity::Error);
    assert_eq!(script.is_none(), errors, "a script is there exactly if it has no error");
    let mut out = String::new();
    for problem in &problems {
        let mark = if problem.severity == settings::Severity::Warning { "warning " } else { "" };
        writeln!(out, "{mark}{problem}").unwrap();
    }
    out.trim_end().to_owned()
}

/// Replaces `from` in the good script.
fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    told(&GOOD.replacen(from, to, 1))
}

/// Adds to the good script.
fn and(more: &str) -> String {
    told(&format!("{GOOD}{more}"))
}

#[test]
fn the_good_script_is_good() {
    assert_eq!(told(GOOD), "");
}

#[test]
fn outlines() {
    assert_eq!(
        told(""),
        "a.toml:1: `bot` is missing\na.toml:1: `intents` is missing\na.toml:1: `nodes` is missing"
    );
    assert!(told("[bot\n").starts_with("a.toml:1: this is not TOML: "));
    assert_eq!(with("queue = \"care\"\n", ""), "a.toml:1: `bot.queue` is missing");
    assert_eq!(
        with("queue = \"care\"", "queue = \"service client\""),
        "a.toml:4: `bot.queue` is \"service client\": a queue has a character that is not allowed in it"
    );
    assert_eq!(
        with("queue", "quue"),
        "a.toml:1: `bot.queue` is missing\na.toml:4: `bot.quue` is not a setting (did you mean \"queue\"?)"
    );
    assert_eq!(
        with("queue = \"care\"", "queue = \"care\"\nfailures = 0\nmenu = [\"statsu\"]"),
        "a.toml:5: `bot.failures` is 0, but must be between 1 and 5\na.toml:6: \"statsu\" is not an intent (did you mean \"status\"?)"
    );
    assert_eq!(
        with("[\"fr\", \"en\"]", "[]"),
        "a.toml:2: `bot.languages` is empty (for instance [\"fr\", \"en\"])"
    );
    assert_eq!(
        with("[\"fr\", \"en\"]", "[\"fr\", \"en\", \"fr\"]"),
        "a.toml:2: language \"fr\" is written twice"
    );
    assert!(told(&"#".repeat(2_000_000)).starts_with("a.toml:1: the script has more than 1048576 bytes"));
}

#[test]
fn texts() {
    assert_eq!(
        with("en = \"Order {order}.\"", "de = \"Bestellung\""),
        "warning a.toml:22: `nodes.status.say` has no text in \"en\" (add say.en; until then another language is shown)\n\
         a.toml:22: `nodes.status.say.de` is not a setting (known here: en, fr)"
            .lines()
            .rev()
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert_eq!(
        with(", en = \"Order {order}.\"", ""),
        "warning a.toml:22: `nodes.status.say` has no text in \"en\" (add say.en; until then another language is shown)"
    );
    assert_eq!(
        with("Order {order}.", "Order {odrer} {{shop}} {order"),
        "a.toml:22: `{odrer}` is not a slot (did you mean \"order\"?)\n\
         a.toml:22: `{{shop}}` is not a variable (declare it in [variables])\n\
         a.toml:22: a `{` is never closed (add `}`)"
    );
    assert_eq!(with("\"Order {order}.\"", "\" \""), "a.toml:22: `nodes.status.say.en` is empty");
    assert_eq!(
        with("say = { fr = \"Commande {order}.\", en = \"Order {order}.\" }", "say = [\"x\"]"),
        "a.toml:22: `nodes.status.say` must say its language (write say.fr = [ … ])"
    );
    let long = with("Order {order}.", &"x".repeat(2_001));
    assert!(long.starts_with("a.toml:22: a text has more than 2000 characters"), "{long}");
    assert_eq!(
        and("[texts]\nintroduction.fr = \"Bonjour, ici Lou.\"\nintroduction.en = \"Hello, a bot here.\"\n"),
        "a.toml:24: `texts.introduction` does not say in \"fr\" that it comes from a bot (people have a right to know: say \"robot\", \"bot\" or \"automated\")"
    );
    assert_eq!(
        and("[texts]\nhumans.fr = \"x\"\n"),
        "a.toml:24: `texts.humans` is not a setting (did you mean \"human\"?)"
    );
}

#[test]
fn slots() {
    assert_eq!(
        with("\"order_number\"", "\"ordernumber\""),
        "a.toml:7: `slots.order.check` is \"ordernumber\", but must be one of \"order_number\", \"reference\", \"email\", \"phone\", \"postcode\", \"date\", \"text\", \"choice\" (did you mean \"order_number\"?)"
    );
    assert_eq!(
        with("check = \"order_number\"", "check = \"order_number\"\npattern = \"[0-9\""),
        "a.toml:8: the pattern \"[0-9\" is not one: unclosed character class"
    );
    assert_eq!(
        with("check = \"order_number\"", "check = \"order_number\"\npattern = \"[0-9]*\""),
        "a.toml:8: the pattern \"[0-9]*\" matches nothing at all, and so everything (ask for at least one character)"
    );
    assert_eq!(
        with("check = \"order_number\"", "check = \"order_number\"\npattern = '(\\pL{100}){100}'"),
        "a.toml:8: the pattern \"(\\pL{100}){100}\" is too big: more than 262144 bytes once compiled (repeat less: {1,20} instead of {1,2000})"
    );
    let long = with(
        "check = \"order_number\"",
        &format!("check = \"order_number\"\npattern = \"{}\"", "a".repeat(1_025)),
    );
    assert_eq!(
        long,
        "a.toml:8: a pattern has more than 1024 bytes (use examples instead, or several patterns)"
    );
    assert_eq!(
        with("check = \"order_number\"", "check = \"email\"\nwhen = \"past\""),
        "a.toml:8: `slots.order.when` has no meaning for this check (remove it)"
    );
    assert_eq!(
        with("check = \"order_number\"", "check = \"choice\""),
        "a.toml:6: slot \"order\" has no values to choose from (add [slots.x.values.y] tables)"
    );
    assert_eq!(
        with("ask = { fr = \"Quel numéro ?\", en = \"Which number?\" }\n", ""),
        "a.toml:19: node \"status\" needs slot \"order\", which has no question (add `ask` to [slots.order])"
    );
    assert_eq!(
        with("[slots.order]", "[slots.Order]"),
        "a.toml:6: \"Order\" is not a name for a slot (use at most 64 of a–z, 0–9 and _)\n\
         a.toml:17: `{order}` is not a slot (did you mean \"Order\"?)\n\
         a.toml:22: `{order}` is not a slot (did you mean \"Order\"?)"
    );
    assert_eq!(
        and("[slots.quote]\ncheck = \"text\"\n"),
        "a.toml:23: \"quote\" has a meaning of its own and cannot be a slot"
    );
    assert_eq!(and("[slots.other]\ncheck = \"text\"\n"), "warning a.toml:23: slot \"other\" is never used");
}

#[test]
fn intents() {
    assert_eq!(
        with("to = \"status\"", "to = \"statut\""),
        "a.toml:12: intent \"status\" leads to node \"statut\", which does not exist (did you mean \"status\"?)"
    );
    assert_eq!(
        with("examples.en = [\"where is my order\", \"track my parcel\"]\n", ""),
        "warning a.toml:10: intent \"status\" has no example in \"en\" (add examples.en; until then nobody is understood there)"
    );
    assert_eq!(with("\"track my parcel\"", "\"?!\""), "a.toml:14: an example has no word");
    let extra = "\n[intents.again]\nlabel = { fr = \"Encore\", en = \"Again\" }\nto = \"again\"\nexamples.fr = [\"suivre mon COLIS !\"]\nexamples.en = [\"please buy a horse\"]\npatterns.en = [\"parcel\"]\n[nodes.again]\nsay = { fr = \"A\", en = \"B\" }\n";
    assert_eq!(
        and(extra),
        "warning a.toml:13: \"suivre mon colis\", an example of intent \"status\", is also understood as \"again\" (fr) (word it apart, or lead both to one node that asks)\n\
         warning a.toml:14: \"track my parcel\", an example of intent \"status\", fits a pattern of \"again\" (en) (make the pattern narrower)\n\
         warning a.toml:27: \"suivre mon COLIS !\" is an example of intent \"again\" and, in these or other words, of \"status\" (fr) (keep it in one of them)"
    );
    assert_eq!(
        with("to = \"status\"", "to = \"status\"\nsmall_talk = true\nasks_for_human = true"),
        "a.toml:10: intent \"status\" cannot be small talk and come before everything else (remove `small_talk`)"
    );
}

#[test]
fn evidence() {
    let sad = |more: &str| {
        and(&format!(
            "\n[intents.sad]\nlabel = {{ fr = \"Décès\", en = \"Death\" }}\nto = \"sad\"\nsensitive = true\nexamples.fr = [\"ma tante est morte\"]\nexamples.en = [\"my aunt died\"]\n{more}\n[nodes.sad]\nsay = {{ fr = \"A\", en = \"B\" }}\n"
        ))
    };
    assert_eq!(sad("needs.fr = [\"tante … mort\"]\nneeds.en = [\"(aunt|uncle) … =died\"]"), "");
    assert_eq!(
        sad("needs.fr = [\"tante … mort\"]"),
        "warning a.toml:24: sensitive intent \"sad\" has no `needs` in \"en\" (add needs.en: phrases without which it is not heard, so that no side word calls it)"
    );
    assert_eq!(
        sad("needs.fr = [\"(tante|oncle mort\"]\nneeds.en = [\"died\"]"),
        "a.toml:30: \"(tante|oncle mort\" cannot be read: a `(` is never closed (for instance \"(père|mère) … (mort|décédé)\")"
    );
    assert_eq!(
        sad(
            "needs.fr = [\"mort\"]\nneeds.en = [\"died\", \"passed away\"]\nunless.en = [\"died laughing\", \"aunt died\"]"
        ),
        "a.toml:29: \"my aunt died\", an example of intent \"sad\", has none of its `needs` (en) (add its own words to needs.en, or take the example out)"
    );
    let many = vec!["\"died\""; 101].join(", ");
    assert_eq!(
        sad(&format!("needs.fr = [\"mort\"]\nneeds.en = [{many}]")),
        "a.toml:31: intent \"sad\" has more than 100 of these"
    );
    assert_eq!(
        sad("needs.fr = [\"mort\"]\nneeds.en = [\"died\"]\nunless.en = [\"died … from (hunger\"]"),
        "a.toml:32: \"died … from (hunger\" cannot be read: a `(` is never closed (for instance \"(père|mère) … (mort|décédé)\")"
    );
}

#[test]
fn two_intents_whose_examples_are_alike_are_told_apart_or_warned_of() {
    let alike = and(
        "\n[intents.late]\nlabel = { fr = \"Retard\", en = \"Delay\" }\nto = \"late\"\nexamples.fr = [\"mon chien est malade\"]\nexamples.en = [\"where is my order now\", \"where is the order of mine\", \"track this parcel of mine\"]\n[nodes.late]\nsay = { fr = \"A\", en = \"B\" }\n",
    );
    assert_eq!(
        alike,
        "warning a.toml:28: \"where is my order now\", an example of intent \"late\", is hardly different from \"where is my order\", one of \"status\" (en) (word it apart, or lead both to one node that asks)"
    );
}

#[test]
fn actions() {
    assert_eq!(
        with("https://shop.example/orders/{order}", "https://{order}.example/orders"),
        "a.toml:17: `actions.orders.url`: the host must be followed by a path, and no slot may be part of it (add a `/` after the host)"
    );
    assert_eq!(
        with("check = \"order_number\"", "check = \"text\""),
        "a.toml:16: action \"orders\" puts the free text `{order}` into the path of its address (put it into the query, ?q={order}, or into the body)"
    );
    assert_eq!(
        with(
            "/{order}\"",
            "/{order}\"\ntimeout = \"1h\"\nmethod = \"get\"\nheaders = { Host = \"x\", \"X Y\" = \"z\", Auth = \"{order}\" }\nbody = { a = \"{nope}\" }\nsave = { statu = \"a..b\" }\nfailed = \"gone\""
        ),
        "a.toml:18: `actions.orders.timeout` is 1h, but must be between 100ms and 30s\n\
         a.toml:19: `actions.orders.method` is \"get\", but must be one of \"GET\", \"POST\", \"PUT\", \"PATCH\", \"DELETE\" (did you mean \"GET\"?)\n\
         a.toml:20: \"X Y\" is not the name of a header\n\
         a.toml:20: `{order}` is not a slot (declare it as [slots.order])\n\
         a.toml:20: header \"Host\" is not for a script to set (remove it)\n\
         a.toml:21: `{nope}` is not a slot (declare it as [slots.nope])\n\
         a.toml:22: \"a..b\" is not the path of a field (for instance \"address.city\" or \"items.0.name\")\n\
         a.toml:22: \"statu\" is not a slot"
    );
    assert_eq!(
        with("/{order}\"", "/{order}\"\nfailed = \"gone\""),
        "a.toml:18: action \"orders\" leads to node \"gone\", which does not exist"
    );
    assert_eq!(with("call = \"orders\"\n", ""), "warning a.toml:16: action \"orders\" is never called");
}

#[test]
fn nodes() {
    assert_eq!(
        with("call = \"orders\"", "call = \"order\""),
        "a.toml:21: node \"status\" names action \"order\", which does not exist (did you mean \"orders\"?)"
    );
    assert_eq!(
        with("needs = [\"order\"]", "needs = [\"number\"]"),
        "a.toml:20: node \"status\" names slot \"number\", which does not exist"
    );
    assert_eq!(
        and("[nodes.lost]\nsay = { fr = \"A\", en = \"B\" }\n"),
        "warning a.toml:23: node \"lost\" is never reached (lead to it, remove it, or write `entry = true` if advisors return conversations there)"
    );
    assert_eq!(and("[nodes.lost]\nentry = true\nsay = { fr = \"A\", en = \"B\" }\n"), "");
    assert_eq!(
        and("[nodes.empty]\nentry = true\n"),
        "a.toml:23: node \"empty\" does nothing (add `say`, `when`, `to`, `hand_over` or `close`)"
    );
    assert_eq!(
        and("[nodes.a]\nentry = true\nto = \"b\"\n[nodes.b]\nsay = { fr = \"A\", en = \"B\" }\nto = \"a\"\n"),
        "a.toml:28: nodes lead to each other for ever: \"a\" → \"b\" → \"a\" (let one of them wait: remove its `to`)"
    );
    assert_eq!(
        and(
            "[nodes.a]\nentry = true\nclose = true\nto = \"status\"\nchoices = [{ label = \"x\" }, \"statsu\"]\nhand_over = { queue = \"a b\", reason = \"angry\" }\n"
        ),
        "a.toml:25: node \"a\" has both `hand_over` and `close` (it can go one way only)\n\
         a.toml:27: a choice leads nowhere (add `to` (a node) or `intent`)\n\
         a.toml:27: node \"a\" has choices but does not wait for one (remove `hand_over`)\n\
         a.toml:27: node \"a\" has choices but no text (add `say`)\n\
         a.toml:28: `nodes.a.hand_over.queue` is \"a b\": a queue has a character that is not allowed in it\n\
         a.toml:28: `nodes.a.hand_over.reason` is \"angry\", but must be one of \"script_rule\", \"sensitive_topic\", \"explicit_request\", \"repeat_contact\", \"bot_failure\""
    );
    assert_eq!(
        and("[nodes.a]\nentry = true\nsay = { fr = \"A\", en = \"B\" }\nchoices = [\"statsu\"]\n"),
        "a.toml:26: node \"a\" proposes intent \"statsu\", which does not exist (did you mean \"status\"?)"
    );
    assert_eq!(
        with("queue = \"care\"", "queue = \"care\"\nhuman = \"status\""),
        "a.toml:5: node \"status\" does not hand over (add `hand_over` to it, or to the node that it leads to)"
    );
}

#[test]
fn what_is_proposed_has_a_name() {
    assert_eq!(
        and("[intents.hi]\nto = \"a\"\nsmall_talk = true\nexamples = { fr = [\"coucou\"], en = [\"hi\"] }\n\
             [nodes.a]\nsay = { fr = \"a\", en = \"a\" }\nchoices = [\"hi\"]\n"),
        "a.toml:29: node \"a\" proposes intent \"hi\", which has no label (add `label` to one of them)"
    );
}

#[test]
fn what_is_taken_is_a_slot() {
    assert_eq!(
        and("[nodes.a]\nsay = { fr = \"a\", en = \"a\" }\ntakes = [\"odrer\"]\nentry = true\n"),
        "a.toml:25: node \"a\" names slot \"odrer\", which does not exist (did you mean \"order\"?)"
    );
}

#[test]
fn branches_and_holes() {
    assert_eq!(
        with(
            "call = \"orders\"",
            "call = \"orders\"\nwhen = [{ if = \"ordre is filled\", to = \"status\" }, { if = \"language is de\", to = \"nowhere\" }, { if = \"order\", to = \"status\" }, { to = \"status\" }]"
        ),
        "a.toml:22: \"order\" is not a condition (a clause is `SLOT is VALUE`, `SLOT is filled`, `language is LANG`, `action NAME failed` or `greeted`)\n\
         a.toml:22: `nodes.status.when[3].if` is missing"
    );
    assert_eq!(
        with(
            "call = \"orders\"",
            "call = \"orders\"\nwhen = [{ if = \"ordre is filled\", to = \"status\" }, { if = \"language is de\", to = \"nowhere\" }, { if = \"action order failed\", to = \"status\" }]"
        ),
        "a.toml:22: node \"status\" asks for language \"de\", which the script does not speak\n\
         a.toml:22: node \"status\" leads to node \"nowhere\", which does not exist\n\
         a.toml:22: node \"status\" names action \"order\", which does not exist (did you mean \"orders\"?)\n\
         a.toml:22: node \"status\" names slot \"ordre\", which does not exist (did you mean \"order\"?)"
    );
    assert_eq!(
        with("needs = [\"order\"]\ncall = \"orders\"\n", ""),
        "warning a.toml:16: action \"orders\" is never called\n\
         warning a.toml:19: node \"status\" says `{order}`, which may be empty there (add it to `needs`, or lead here only if \"order is filled\")"
    );
    assert_eq!(
        and("[nodes.b]\nentry = true\nwhen = [{ if = \"order is filled\", to = \"status\" }]\n"),
        "warning a.toml:23: node \"b\" says nothing where none of its branches holds (add `say` or `to` after the branches; until then a person takes over there)"
    );
}

#[test]
fn limits() {
    let many = |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
    let nodes = many(1_001, |at| format!("[nodes.n{at}]\nentry = true\nsay = \"x\"\n"));
    assert!(and(&nodes).contains("there are more than 1000 nodes"), "{}", and(&nodes));
    let slots = many(65, |at| format!("[slots.s{at}]\ncheck = \"email\"\n"));
    assert!(and(&slots).contains("there are more than 64 slots"));
    let actions = many(65, |at| format!("[actions.a{at}]\nurl = \"https://a/b\"\n"));
    assert!(and(&actions).contains("there are more than 64 actions"));
    let intents = many(257, |at| {
        format!(
            "[intents.i{at}]\nto = \"status\"\nlabel = \"x\"\nexamples.fr = [\"a\"]\nexamples.en = [\"a\"]\n"
        )
    });
    assert!(and(&intents).contains("there are more than 256 intents"));
    let examples = (0..201).map(|at| format!("\"order {at}\", ")).collect::<String>();
    assert!(with("\"track my parcel\"", &examples).contains("more than 200 examples"));
    let choices = (0..9).map(|_| "\"status\", ").collect::<String>();
    let choices = and(&format!("[nodes.a]\nentry = true\nsay = \"x\"\nchoices = [{choices}]\n"));
    assert!(choices.contains("more than 8 choices of a node"), "{choices}");
}

#[test]
fn the_configuration_fills_variables() {
    let text = GOOD
        .replace("https://shop.example/", "{{relais}}/")
        .replace("[slots.order]", "[variables]\nrelais = \"https://default.example\"\n\n[slots.order]");
    let given = Variables::from([
        ("relais".to_owned(), "http://127.0.0.1:9".to_owned()),
        ("other".to_owned(), "x".to_owned()),
    ]);
    let (script, problems) = Script::compile_with("a.toml", &text, &given);
    assert!(problems.is_empty(), "{problems:?}");
    let mut memory = bot::Memory::default();
    let fr = conversation::Lang::new("fr").unwrap();
    let acts =
        script.unwrap().answer(&mut memory, bot::Input::Text("suivre mon colis, commande 4521"), &fr, 0);
    assert!(format!("{acts:?}").contains("http://127.0.0.1:9/orders/4521"), "{acts:?}");
    let given = Variables::from([("relais".to_owned(), "javascript:alert(1)".to_owned())]);
    let (script, problems) = Script::compile_with("a.toml", &text, &given);
    assert!(script.is_none());
    assert!(problems[0].message.contains("must begin with http:// or https://"), "{problems:?}");
}
