use passerelle_domain::NodeId;

use crate::chance::Counting;
use crate::pass::PassSecret;

fn secret(issuer: &str) -> PassSecret {
    PassSecret::random(NodeId::new(issuer).unwrap(), &Counting::from(3))
}

fn scan(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        if is_dark(x, y) { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

fn scan_png(png: &[u8]) -> (u32, String) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let mut rows = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rows).unwrap();
    assert_eq!(
        (info.color_type, info.bit_depth),
        (png::ColorType::Grayscale, png::BitDepth::One)
    );
    let line = info.line_size;
    let width = info.width as usize;
    let text = scan(width, width, |x, y| {
        rows[y * line + x / 8] & (0x80 >> (x % 8)) == 0
    });
    (info.width, text)
}

#[test]
fn a_scanner_reads_the_pass_from_the_png() {
    for issuer in ["abc", "ml-vaucluse", &"z9-".repeat(13)] {
        let secret = secret(issuer);
        let (_, text) = scan_png(&secret.qr().png(6));
        let read = PassSecret::parse(&text).unwrap();
        assert_eq!(
            (read.issuer(), read.wire_bytes()),
            (secret.issuer(), secret.wire_bytes())
        );
    }
}

#[test]
fn the_code_is_small() {
    // Version 3 has 29 modules, version 4 has 33; eight more are quiet.
    assert_eq!(scan_png(&secret("ml-vaucluse").qr().png(4)).0, (29 + 8) * 4);
    assert_eq!(
        scan_png(&secret(&"z".repeat(40)).qr().png(4)).0,
        (33 + 8) * 4
    );
}

#[test]
fn a_scanner_reads_the_pass_from_a_terminal_with_a_dark_ground() {
    let secret = secret("ml-vaucluse");
    let terminal = secret.qr().terminal();
    let mut light: Vec<Vec<bool>> = Vec::new();
    for line in terminal.lines() {
        light.push(line.chars().map(|c| matches!(c, '█' | '▀')).collect());
        light.push(line.chars().map(|c| matches!(c, '█' | '▄')).collect());
    }
    let text = scan(light[0].len() * 4, light.len() * 4, |x, y| {
        !light[y / 4][x / 4]
    });
    assert_eq!(text, secret.text().expose().replace('-', ""));
}

#[test]
fn the_svg_draws_as_many_modules_as_the_code_has() {
    let secret = secret("ml-vaucluse");
    let svg = secret.qr().svg();
    let dark = secret
        .qr()
        .0
        .to_colors()
        .iter()
        .filter(|color| **color == qrcode::Color::Dark)
        .count();
    assert!(svg.contains("viewBox=\"0 0 148 148\""), "{svg}");
    assert_eq!(svg.matches("h4v4").count(), dark);
    assert!(!svg.contains(secret.text().expose().as_str()));
}

#[test]
fn any_scale_gives_an_image() {
    let qr = secret("ml-vaucluse").qr();
    assert_eq!(scan_png(&qr.png(u32::MAX)).0, 37 * 32);
    assert!(!qr.png(0).is_empty());
}
