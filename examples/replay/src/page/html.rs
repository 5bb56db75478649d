//! Puts the page together: markup, style, data and code in one file that loads nothing.

/// No request of any kind is allowed, whatever a tag or a driver's id says.
const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data:\">
<meta name=\"color-scheme\" content=\"light dark\">
<link rel=\"icon\" href=\"data:,\">
<title>Milepost</title>
";

const STYLES: [&str; 2] = [include_str!("../../page/vendor/uPlot.min.css"), include_str!("../../page/page.css")];
const LICENCE: &str = include_str!("../../page/vendor/LICENSE-uPlot");
const BODY: &str = include_str!("../../page/page.html");

/// In the order in which they need each other.
const SCRIPTS: [&str; 15] = [
    include_str!("../../page/vendor/uPlot.iife.min.js"),
    include_str!("../../page/decode.js"),
    include_str!("../../page/words.js"),
    include_str!("../../page/dom.js"),
    include_str!("../../page/model.js"),
    include_str!("../../page/envelope.js"),
    include_str!("../../page/view.js"),
    include_str!("../../page/gestures.js"),
    include_str!("../../page/map.js"),
    include_str!("../../page/charts.js"),
    include_str!("../../page/strip.js"),
    include_str!("../../page/score.js"),
    include_str!("../../page/event.js"),
    include_str!("../../page/panel.js"),
    include_str!("../../page/main.js"),
];

/// The page around its data.
pub fn page(data: &str) -> String {
    let mut html = String::from(HEAD);
    html.push_str("<style>\n");
    STYLES.iter().for_each(|style| html.push_str(style));
    html.push_str("</style>\n</head>\n");
    html.push_str(BODY);
    html.push_str("<script type=\"application/json\" id=\"data\">");
    escape(data, &mut html);
    html.push_str("</script>\n<script>\n/* uPlot:\n");
    html.push_str(LICENCE);
    html.push_str("*/\n</script>\n");
    for script in SCRIPTS {
        html.push_str("<script>\n");
        html.push_str(script);
        html.push_str("</script>\n");
    }
    html.push_str("</html>\n");
    html
}

/// What JSON takes in the page, in bytes.
pub fn escaped_len(json: &str) -> usize {
    json.chars().map(|c| escape_of(c).map_or(c.len_utf8(), str::len)).sum()
}

/// JSON in a `<script>`: nothing in it may end or begin an element or a comment. These characters stand in JSON only
/// inside of texts, where an escape means the same.
fn escape(json: &str, out: &mut String) {
    for c in json.chars() {
        match escape_of(c) {
            Some(escape) => out.push_str(escape),
            None => out.push(c),
        }
    }
}

fn escape_of(c: char) -> Option<&'static str> {
    match c {
        '<' => Some("\\u003c"),
        '>' => Some("\\u003e"),
        '&' => Some("\\u0026"),
        '\u{2028}' => Some("\\u2028"),
        '\u{2029}' => Some("\\u2029"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_texts_do_not_leave_their_script() {
        let hostile = "</script><script>alert(1)</script><!--<script> ]]> & \u{2028}\u{2029}\"\\";
        let html = page(&serde_json::to_string(hostile).unwrap());
        let (_, data) = html.split_once("id=\"data\">").unwrap();
        let (data, _) = data.split_once("</script>").unwrap();
        assert_eq!(serde_json::from_str::<String>(data).unwrap(), hostile);
        assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
    }

    #[test]
    fn our_own_code_does_not_end_its_script_either() {
        for script in SCRIPTS.iter().chain([&LICENCE]) {
            assert!(!script.contains("</script") && !script.contains("<!--"));
        }
        assert!(!LICENCE.contains("*/"));
        assert!(STYLES.iter().all(|style| !style.contains("</style")));
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let mut json = String::new();
            let plain = serde_json::to_string(&text).unwrap();
            escape(&plain, &mut json);
            prop_assert_eq!(escaped_len(&plain), json.len());
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
