//! Writes release notes from commits. It prints one trace a line, without an SDK or a crate.
//!
//! Run it as `rustc app.rs && ./app | bt import -p releases`. Model and clock are simulated.

use std::fmt::{Display, Formatter, Result};

const LATEST: &str = "1.4.1";
const RELEASES: [(&str, &str); 3] = [
    ("1.4.2", "feat: find café as cafe\nfix: \"Save as\""),
    ("1.4.3", "fix: no C:\\temp\ndocs:\thow to upgrade 🎉"),
    (LATEST, "docs: one more example"),
];

/// A span as the JSON text of its fields.
struct Span(Vec<String>);

impl Span {
    fn new(name: &str, kind: &str, start: f64, seconds: f64, tokens: Option<usize>) -> Self {
        let tokens = tokens.map_or(String::new(), |count| format!(",\"tokens\":{count}"));
        let metrics = format!("{{\"start\":{start},\"end\":{}{tokens}}}", start + seconds);
        Span(vec![])
            .text("name", name)
            .text("type", kind)
            .json("metrics", metrics)
    }

    fn json(mut self, field: &str, json: impl Display) -> Self {
        self.0.push(format!("\"{field}\":{json}"));
        self
    }

    fn text(self, field: &str, text: &str) -> Self {
        self.json(field, quote(text))
    }

    fn children(self, spans: &[Span]) -> Self {
        let spans: Vec<_> = spans.iter().map(Span::to_string).collect();
        self.json("children", format!("[{}]", spans.join(",")))
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut Formatter) -> Result {
        write!(f, "{{{}}}", self.0.join(","))
    }
}

fn quote(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_string(),
        '\0'..='\x1f' => format!("\\u{:04x}", c as u32),
        _ => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// A call of the simulated model, which takes half a second.
fn ask(name: &str, start: f64, prompt: &str, answer: &str) -> Span {
    let tokens = (prompt.len() + answer.len()) / 4;
    Span::new(name, "llm", start, 0.5, Some(tokens))
        .text("input", prompt)
        .text("output", answer)
        .json("metadata", r#"{"model":"gpt-4o-mini","temperature":0}"#)
}

/// The trace of one release; only a newer version can be published.
fn release(version: &str, commits: &str, start: f64) -> Span {
    let mut now = start + 0.25;
    let mut sorted = vec![];
    for commit in commits.lines() {
        let kind = commit.split(':').next().unwrap_or("other");
        sorted.push(ask("classify", now, commit, kind));
        now += 0.5;
    }
    let sort = Span::new("sort_commits", "task", start, now - start, None).children(&sorted);
    let notes = format!("# {version}\n{commits}");
    let write = ask("write_notes", now, commits, &notes);
    let (field, result) = match version > LATEST {
        true => ("output", format!("published \"{version}\"")),
        false => ("error", format!("\"{version}\" is already published")),
    };
    let publish = Span::new("publish", "tool", now + 0.5, 0.25, None).text(field, &result);
    Span::new("release", "task", start, now + 0.75 - start, None)
        .text("input", commits)
        .text(field, &result)
        .json("tags", format!("[\"release\",{}]", quote(version)))
        .children(&[sort, write, publish])
}

fn main() {
    for (start, (version, commits)) in (1767265200..).step_by(60).zip(RELEASES) {
        println!("{}", release(version, commits, start as f64));
    }
}
