//! A pass as a QR code.

use std::fmt;

use qrcode::render::{svg, unicode};
use qrcode::{Color, EcLevel, QrCode};

/// The QR code of one pass, ready to be drawn. Whoever can read the drawing holds the pass:
/// drawings are shown or printed, never logged.
pub struct PassQr(QrCode);

impl PassQr {
    /// `text` is a pass without hyphens: at most 85 characters of the alphanumeric mode.
    pub(super) fn of(text: &str) -> Self {
        // Level M: readable with 15 % of it worn off. Its version 40 holds 3,391 such characters
        // (ISO/IEC 18004 table 7).
        Self(QrCode::with_error_correction_level(text, EcLevel::M).expect("85 characters fit"))
    }

    /// A PNG image in black and white, each module `scale` pixels wide (clamped to 1–32), with the
    /// quiet zone of four modules.
    pub fn png(&self, scale: u32) -> Vec<u8> {
        let scale = scale.clamp(1, 32) as usize;
        let width = (self.0.width() + 2 * QUIET) * scale;
        let mut rows = vec![0xff; width.div_ceil(8) * width];
        let modules = self.0.to_colors();
        for (index, _) in modules
            .iter()
            .enumerate()
            .filter(|(_, color)| **color == Color::Dark)
        {
            let left = (index % self.0.width() + QUIET) * scale;
            let top = (index / self.0.width() + QUIET) * scale;
            for y in top..top + scale {
                for x in left..left + scale {
                    rows[y * width.div_ceil(8) + x / 8] &= !(0x80 >> (x % 8));
                }
            }
        }
        encode(&rows, width as u32)
    }

    /// An SVG drawing, scalable, with its quiet zone.
    pub fn svg(&self) -> String {
        self.0
            .render::<svg::Color<'_>>()
            .module_dimensions(4, 4)
            .build()
    }

    /// Text for a terminal, two modules a character, dark on the terminal's light: drawn for
    /// terminals with light text on a dark ground, readable on others by most scanners.
    pub fn terminal(&self) -> String {
        self.0
            .render::<unicode::Dense1x2>()
            .dark_color(unicode::Dense1x2::Light)
            .light_color(unicode::Dense1x2::Dark)
            .build()
    }
}

impl fmt::Debug for PassQr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassQr(***)")
    }
}

/// ISO/IEC 18004 §6.3.8: four modules of quiet on every side.
const QUIET: usize = 4;

fn encode(rows: &[u8], width: u32) -> Vec<u8> {
    let mut image = Vec::new();
    let mut encoder = png::Encoder::new(&mut image, width, width);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    // Writing to a `Vec` does not fail, and the rows are as many as the header says.
    let mut writer = encoder.write_header().expect("a vector takes the header");
    writer
        .write_image_data(rows)
        .expect("a vector takes the rows");
    writer.finish().expect("a vector takes the end");
    image
}

#[cfg(test)]
mod tests;
