//! Special functions that the statistics need, private to the crate.

#![expect(clippy::excessive_precision, reason = "the coefficients stand as published")]

/// The quantile of the standard normal distribution at `p` in (0, 1), to about 16 digits.
///
/// Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37
/// (1988), the variant PPND16.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(
            r,
            [
                3.387_132_872_796_366_608_0,
                1.331_416_678_917_843_774_5e2,
                1.971_590_950_306_551_442_7e3,
                1.373_169_376_550_946_112_5e4,
                4.592_195_393_154_987_145_7e4,
                6.726_577_092_700_870_085_3e4,
                3.343_057_558_358_812_810_5e4,
                2.509_080_928_730_122_672_7e3,
            ],
            [
                1.0,
                4.231_333_070_160_091_125_2e1,
                6.871_870_074_920_579_083_0e2,
                5.394_196_021_424_751_107_7e3,
                2.121_379_430_158_659_586_7e4,
                3.930_789_580_009_271_061_0e4,
                2.872_908_573_572_194_267_4e4,
                5.226_495_278_852_854_561_0e3,
            ],
        );
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = libm::sqrt(-libm::log(tail));
    let magnitude = if r <= 5.0 {
        ratio(
            r - 1.6,
            [
                1.423_437_110_749_683_577_34,
                4.630_337_846_156_545_295_90,
                5.769_497_221_460_691_405_50,
                3.647_848_324_763_204_605_04,
                1.270_458_252_452_368_382_58,
                2.417_807_251_774_506_117_70e-1,
                2.272_384_498_926_918_458_33e-2,
                7.745_450_142_783_414_076_40e-4,
            ],
            [
                1.0,
                2.053_191_626_637_758_821_87,
                1.676_384_830_183_803_849_40,
                6.897_673_349_851_000_045_50e-1,
                1.481_039_764_274_800_745_90e-1,
                1.519_866_656_361_645_719_66e-2,
                5.475_938_084_995_344_946_00e-4,
                1.050_750_071_644_416_843_24e-9,
            ],
        )
    } else {
        ratio(
            r - 5.0,
            [
                6.657_904_643_501_103_777_20,
                5.463_784_911_164_114_369_90,
                1.784_826_539_917_291_335_80,
                2.965_605_718_285_048_912_30e-1,
                2.653_218_952_657_612_309_30e-2,
                1.242_660_947_388_078_438_60e-3,
                2.711_555_568_743_487_578_15e-5,
                2.010_334_399_292_288_132_65e-7,
            ],
            [
                1.0,
                5.998_322_065_558_879_376_90e-1,
                1.369_298_809_227_358_053_10e-1,
                1.487_536_129_085_061_485_25e-2,
                7.868_691_311_456_132_591_00e-4,
                1.846_318_317_510_054_681_80e-5,
                1.421_511_758_316_445_888_70e-7,
                2.044_263_103_389_939_785_64e-15,
            ],
        )
    };
    magnitude.copysign(q)
}

/// A quotient of two polynomials, coefficients from the constant term up.
fn ratio(x: f64, numerator: [f64; 8], denominator: [f64; 8]) -> f64 {
    let at = |coefficients: [f64; 8]| coefficients.into_iter().rev().fold(0.0, |sum, c| sum * x + c);
    at(numerator) / at(denominator)
}

/// The probability that a χ² variable with so many degrees of freedom exceeds `x`: the regularised upper incomplete gamma
/// function Q(degrees ÷ 2, x ÷ 2), which for whole degrees of freedom is a finite sum of positive terms.
///
/// Source: M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions* (1964), 26.4.4 and 26.4.5.
pub(crate) fn chi_square_upper(x: f64, degrees: u32) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let y = x / 2.0;
    // y^j e^−y ÷ Γ(j + 1) for j below half the degrees, from 0 for even and from ½ for odd ones.
    let (start, base) = if degrees % 2 == 0 { (0.0, 0.0) } else { (0.5, libm::erfc(libm::sqrt(y))) };
    let terms = (0..degrees / 2).map(|i| {
        let j = start + f64::from(i);
        libm::exp(j * libm::log(y) - y - libm::lgamma(j + 1.0))
    });
    (base + terms.sum::<f64>()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{chi_square_upper, normal_quantile};

    /// Values of `scipy.stats.chi2.sf(x, df)`, scipy 1.17.1; for 301 degrees of mpmath, which is more exact there.
    #[test]
    fn tails_of_chi_square_agree_with_scipy() {
        for (x, degrees, tail) in [
            (0.5, 1, 0.479_500_122_186_953_37),
            (16.792_9, 1, 4.168_899_158_608_230_5e-5),
            (900.0, 1, 9.813_427_854_296_455e-198),
            (5.991_464_547_107_979, 2, 0.050_000_000_000_000_07),
            (0.001, 3, 0.999_991_592_080_941_9),
            (7.3, 5, 0.199_267_789_921_242_14),
            (40.0, 10, 1.694_474_393_006_737e-5),
            (250.0, 301, 0.985_430_242_647_760_8),
            (0.0, 4, 1.0),
        ] {
            let found = chi_square_upper(x, degrees);
            assert!((found - tail).abs() <= 1e-12 * tail, "{x}, {degrees}: {found} for {tail}");
        }
    }

    /// Values as R's `qnorm` prints them with 16 digits.
    #[test]
    fn quantiles_agree_with_r() {
        for (p, z) in [
            (0.5, 0.0),
            (0.75, 0.674_489_750_196_081_7),
            (0.975, 1.959_963_984_540_054),
            (0.995, 2.575_829_303_548_901),
            (0.001, -3.090_232_306_167_813),
            (1e-12, -7.034_483_825_301_131),
        ] {
            assert!((normal_quantile(p) - z).abs() < 2e-14, "{p}: {} for {z}", normal_quantile(p));
        }
    }
}
