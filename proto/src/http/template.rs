//! Path templates as `google/api/http.proto` writes them.
//!
//! `Template = "/" Segments [":" Verb]`, a segment is a literal, `*` (one part), `**` (the rest) or a variable `{field.path=Segments}`.
//! Templates order themselves so that the more specific one comes first.

/// One part of a template. The order is that of specificity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    One,
    Rest,
}

/// A variable, and which segments are its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Capture {
    field: String,
    from: usize,
    to: usize,
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Template {
    segments: Vec<Segment>,
    verb: String,
    captures: Vec<Capture>,
    text: String,
}

impl Template {
    /// Parses a template; `None` if it is none, or has `**` twice.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix('/')?;
        let (path, verb) = split_verb(path);
        let (mut segments, mut captures) = (Vec::new(), Vec::new());
        let mut rest = path;
        loop {
            rest = match rest.strip_prefix('{') {
                Some(inner) => {
                    let (variable, after) = inner.split_once('}')?;
                    let (field, pattern) = variable.split_once('=').unwrap_or((variable, "*"));
                    let from = segments.len();
                    pattern.split('/').try_for_each(|part| segment(part).map(|part| segments.push(part)))?;
                    let named = !field.is_empty() && field.split('.').all(|part| !part.is_empty());
                    captures.push(named.then(|| Capture { field: field.to_owned(), from, to: segments.len() })?);
                    after
                }
                None => {
                    let end = rest.find('/').unwrap_or(rest.len());
                    let (part, after) = rest.split_at_checked(end)?;
                    segments.push(segment(part)?);
                    after
                }
            };
            match rest.strip_prefix('/') {
                Some(next) => rest = next,
                None if rest.is_empty() => break,
                None => return None,
            }
        }
        let rests = segments.iter().filter(|part| **part == Segment::Rest).count();
        (rests <= 1).then(|| Self { segments, verb: verb.to_owned(), captures, text: text.to_owned() })
    }

    /// The template as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fields that the path sets.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.captures.iter().map(|capture| capture.field.as_str())
    }

    /// The captured values where the parts of a path fit.
    pub fn matches(&self, parts: &[&str]) -> Option<Vec<(&str, String)>> {
        let mut parts = parts.to_vec();
        if !self.verb.is_empty() {
            let last = parts.last_mut()?;
            *last = last.strip_suffix(self.verb.as_str())?.strip_suffix(':')?;
        }
        let places = self.places(parts.len())?;
        for (segment, (from, to)) in self.segments.iter().zip(&places) {
            if let Segment::Literal(literal) = segment {
                if parts.get(*from..*to)? != [literal.as_str()] {
                    return None;
                }
            }
        }
        let values = self.captures.iter().map(|capture| {
            let (from, _) = places.get(capture.from)?;
            let (_, to) = places.get(capture.to.checked_sub(1)?)?;
            Some((capture.field.as_str(), parts.get(*from..*to)?.join("/")))
        });
        values.collect()
    }

    /// Which parts of a path of so many each segment takes; `None` where they are too few or too many.
    fn places(&self, count: usize) -> Option<Vec<(usize, usize)>> {
        let open = self.segments.contains(&Segment::Rest);
        let fixed = self.segments.len().checked_sub(usize::from(open))?;
        let spare = count.checked_sub(fixed)?;
        if spare > 0 && !open {
            return None;
        }
        let mut at = 0usize;
        let place = |segment: &Segment| {
            let from = at;
            at = at.saturating_add(if *segment == Segment::Rest { spare } else { 1 });
            (from, at)
        };
        Some(self.segments.iter().map(place).collect())
    }
}

fn split_verb(path: &str) -> (&str, &str) {
    let tail = path.rfind(['/', '}']).map_or(0, |at| at.saturating_add(1));
    match path.get(tail..).and_then(|last| last.find(':')) {
        Some(at) => {
            let (head, verb) = path.split_at(tail.saturating_add(at));
            (head, verb.get(1..).unwrap_or_default())
        }
        None => (path, ""),
    }
}

fn segment(text: &str) -> Option<Segment> {
    match text {
        "" => None,
        "*" => Some(Segment::One),
        "**" => Some(Segment::Rest),
        literal if literal.contains(['{', '}', '*', ':']) => None,
        literal => Some(Segment::Literal(literal.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(template: &str, path: &str) -> Option<Vec<(String, String)>> {
        let template = Template::parse(template).unwrap();
        let parts: Vec<&str> = path.strip_prefix('/').unwrap().split('/').collect();
        Some(template.matches(&parts)?.into_iter().map(|(field, value)| (field.to_owned(), value)).collect())
    }

    fn one(field: &str, value: &str) -> Option<Vec<(String, String)>> {
        Some(vec![(field.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_variable_is_one_part_unless_its_pattern_says_more() {
        assert_eq!(matched("/a/{b}", "/a/x"), one("b", "x"));
        assert_eq!(matched("/a/{b}", "/a/"), one("b", ""));
        assert_eq!(matched("/a/{b}", "/a"), None);
        assert_eq!(matched("/a/{b}", "/a/x/y"), None);
        assert_eq!(matched("/a/{b=**}", "/a/x/y"), one("b", "x/y"));
        assert_eq!(matched("/a/{b=**}/c", "/a/x/y/c"), one("b", "x/y"));
        assert_eq!(matched("/a/{b=**}/c", "/a/x/y"), None);
        assert_eq!(matched("/a/{b.c=d/*}", "/a/d/x"), one("b.c", "d/x"));
        assert_eq!(matched("/a/{b.c=d/*}", "/a/e/x"), None);
        assert_eq!(matched("/a/*/c", "/a/x/c"), Some(vec![]));
    }

    #[test]
    fn a_verb_ends_a_path() {
        assert_eq!(matched("/a/{b}:do", "/a/x:do"), one("b", "x"));
        assert_eq!(matched("/a/{b}:do", "/a/x"), None);
        assert_eq!(matched("/a/b:do", "/a/b:do"), Some(vec![]));
        // Without one, a colon is a letter like others.
        assert_eq!(matched("/a/{b}", "/a/x:y"), one("b", "x:y"));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", "a", "/", "/a/", "/{a", "/{a}b", "/{}", "/{a.}", "/a*", "/**/**", "/{a=}"] {
            assert!(Template::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn literals_come_before_captures_and_captures_before_the_rest() {
        let mut all: Vec<Template> =
            ["/a/{b=**}", "/a/{b}", "/a/b", "/a"].map(|text| Template::parse(text).unwrap()).into();
        all.sort();
        assert_eq!(all.iter().map(Template::text).collect::<Vec<_>>(), ["/a", "/a/b", "/a/{b}", "/a/{b=**}"]);
    }
}
