import Testing

@testable import SwiftletCLI

@Suite struct NumberTextTests {
  @Test(
    arguments: [
      (0, 2, "0.00"), (1.005, 1, "1.0"), (0.25, 1, "0.3"), (-0.25, 1, "-0.3"), (-0.001, 2, "0.00"),
      (99.999, 2, "100.00"), (2.5, 0, "3"), (12345.678, 3, "12345.678"), (0.05, 2, "0.05"),
      (.infinity, 2, "inf"), (-.infinity, 2, "-inf"), (.nan, 2, "nan"), (1e20, 2, "1e+20"),
    ] as [(Double, Int, String)]
  )
  func `fixed digits round half away from zero, without a negative zero`(
    value: Double, digits: Int, expected: String
  ) {
    #expect(NumberText.fixed(value, digits: digits) == expected)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (66_955_010, "66,955,010"), (-1234, "-1,234"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ]
  )
  func `thousands are separated`(value: Int, expected: String) {
    #expect(NumberText.grouped(value) == expected)
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (45_438_764, "45.4 MB"), (999_960, "1.0 MB"),
    (Int.max, "9.2 EB"),
  ]
  )
  func `sizes choose their unit`(bytes: Int, expected: String) {
    #expect(NumberText.size(bytes: bytes) == expected)
  }

  @Test(
    arguments: [
      (0, "0.0 s"), (0.44, "0.4 s"), (9.96, "10 s"), (12.4, "12 s"), (59.7, "1:00"), (187, "3:07"),
      (3765, "1:02:45"), (.infinity, "-"), (.nan, "-"),
    ] as [(Double, String)]
  )
  func `durations go from tenths of a second to hours`(seconds: Double, expected: String) {
    #expect(NumberText.duration(seconds: seconds) == expected)
  }

  @Test(
    arguments: [(0, "0.00"), (7.254, "7.25"), (84.12, "84.1"), (1204.4, "1,204"), (.nan, "-")]
      as [(Double, String)]
  )
  func `rates keep three digits`(value: Double, expected: String) {
    #expect(NumberText.rate(value) == expected)
  }

  @Test(
    arguments: [
      (0, "0.0s"), (9.96, "10s"), (59.4, "59s"), (250, "4m10s"), (3725, "1h02m"),
      (273_600, "3d04h"), (.nan, "-"), (.infinity, "-"),
    ] as [(Double, String)]
  )
  func `spans have the units of the two largest parts`(seconds: Double, expected: String) {
    #expect(NumberText.span(seconds: seconds) == expected)
  }

  @Test(
    arguments: [
      (0, "0"), (3.1e-5, "3.1e-5"), (5e-5, "5e-5"), (9.96e-5, "1e-4"), (-2.5e-7, "-2.5e-7"),
      (123_456, "1.2e5"),
    ] as [(Double, String)]
  )
  func `scientific numbers have two digits`(value: Double, expected: String) {
    #expect(NumberText.scientific(value) == expected)
  }

  @Test(
    arguments: [
      (1.94, "1.9"), (23.4, "23"), (123.4, "123"), (0.25, "0.25"), (0.001, "1e-3"), (0, "0"),
      (2e7, "2e7"), (.nan, "nan"),
    ] as [(Double, String)]
  )
  func `rounded numbers are short`(value: Double, expected: String) {
    #expect(NumberText.rounded(value, digits: 2) == expected)
  }
}
