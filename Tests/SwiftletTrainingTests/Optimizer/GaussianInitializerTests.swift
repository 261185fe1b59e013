import Testing

@testable import SwiftletTraining

@Suite struct GaussianInitializerTests {
  private static let count = 100_000

  @Test func `Values are normal with the deviation of the configuration`() {
    let values = GaussianInitializer(seed: 42).values(of: "classifier.weight", count: Self.count)
    let numbers = values.map { Double($0) / 0.02 }
    let cases = Double(Self.count)
    func moment(_ power: Int) -> Double {
      numbers.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } }
        / cases
    }
    // Four standard errors of each moment of the normal distribution.
    let errors = [1, 2, 15, 96].map { 4 * (Double($0) / cases).squareRoot() }
    #expect(abs(moment(1)) < errors[0])
    #expect(abs(moment(2) - 1) < errors[1])
    #expect(abs(moment(3)) < errors[2])
    #expect(abs(moment(4) - 3) < errors[3])
    let product = zip(numbers, numbers.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / cases
    #expect(abs(product) < errors[0])
  }

  @Test func `A value depends on seed, name and place only`() {
    let initializer = GaussianInitializer(seed: 1)
    let values = initializer.values(of: "a.weight", count: 8)
    #expect(initializer.values(of: "a.weight", count: 5) == Array(values[..<5]))
    #expect(initializer.values(of: "b.weight", count: 8) != values)
    #expect(GaussianInitializer(seed: 2).values(of: "a.weight", count: 8) != values)
  }

  @Test func `Tensors of similar names are not correlated`() {
    let initializer = GaussianInitializer(seed: 1, deviation: 1)
    let first = initializer.values(of: "layer.0", count: Self.count)
    let second = initializer.values(of: "layer.1", count: Self.count)
    let product = zip(first, second).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(product / Double(Self.count)) < 4 / Double(Self.count).squareRoot())
  }
}
