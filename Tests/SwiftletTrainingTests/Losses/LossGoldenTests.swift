import Testing

@testable import SwiftletTraining

@Suite struct LossGoldenTests {
  @Test func `Every loss has golden values`() {
    #expect(Set(LossCase.all.map(\.kind)).count == 10)
  }

  @Test(arguments: LossCase.all)
  func `A loss and its gradient equal those of torch in float64`(golden: LossCase) throws {
    let (loss, gradient) = try golden.compute(golden.outputs)
    #expect(abs(loss - golden.loss) <= 1e-6 * max(1e-3, abs(golden.loss)))
    try #require(gradient.count == golden.gradient.count)
    let largest = golden.gradient.map(abs).max() ?? 0
    for (slope, expected) in zip(gradient, golden.gradient) {
      #expect(abs(Double(slope) - expected) <= 1e-6 * largest)
    }
  }

  @Test(arguments: LossCase.all)
  func `A gradient may replace the outputs`(golden: LossCase) throws {
    let separate = try golden.compute(golden.outputs)
    let inPlace = try golden.compute(golden.outputs, isInPlace: true)
    #expect(separate.loss == inPlace.loss)
    #expect(separate.gradient == inPlace.gradient)
  }

  @Test(arguments: LossCase.all)
  func `A gradient equals the central differences of its loss`(golden: LossCase) throws {
    let gradient = try golden.compute(golden.outputs).gradient
    let largest = gradient.map(abs).max() ?? 0
    // Beyond 1000, a step is lost in the rounding of the output.
    for index in golden.outputs.indices where abs(golden.outputs[index]) < 1000 {
      var (above, below) = (golden.outputs, golden.outputs)
      above[index] += 0x1p-9
      below[index] -= 0x1p-9
      let difference = try golden.compute(above).loss - golden.compute(below).loss
      let slope = difference / (Double(above[index]) - Double(below[index]))
      #expect(abs(slope - Double(gradient[index])) <= 2e-4 * Double(largest) + 1e-7)
    }
  }
}
