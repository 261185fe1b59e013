import Testing

@testable import SwiftletTraining

@Suite struct GradientClippingTests {
  private func squares(_ tensor: [Float]) -> Double {
    tensor.reduce(0) { $0 + Double($1) * Double($1) }
  }

  @Test func `Norm and factor equal those of torch below, at and above the limit`() throws {
    let golden = try OptimizerGolden.load().clipping
    #expect(golden.cases.count == 3)
    for run in golden.cases {
      let clipping = GradientClipping(
        squaredNorms: golden.tensors.map(squares), limit: run.limit)
      #expect(abs(clipping.norm - run.norm) < 1e-12 * run.norm)
      for (gradient, expected) in zip(golden.tensors[0], run.first) {
        #expect(abs(Double(gradient * clipping.coefficient) - expected) <= 1e-6 * abs(expected))
      }
    }
  }

  @Test func `A gradient of zeros is not changed`() {
    let clipping = GradientClipping(squaredNorms: [0, 0], limit: 1)
    #expect(clipping.norm == 0)
    #expect(clipping.coefficient == 1)
    #expect(clipping.isFinite)
  }

  @Test(arguments: [nil, 0])
  func `Without a limit the factor is 1`(limit: Double?) {
    #expect(GradientClipping(squaredNorms: [1e12], limit: limit).coefficient == 1)
  }

  @Test(arguments: [Double.nan, .infinity])
  func `A norm that is not finite is reported`(square: Double) {
    #expect(!GradientClipping(squaredNorms: [1, square], limit: 1).isFinite)
  }
}
