import SwiftletCheckpoint
import Testing

@testable import SwiftletONNX

@Suite struct ActivationValuesTests {
  @Test(arguments: HiddenActivation.allCases)
  func `every activation is recognised by its values`(function: HiddenActivation) {
    let values = ActivationValues.points.map { ActivationValues.value(function, $0) }
    #expect(ActivationValues.function(values) == function)
  }

  @Test(arguments: HiddenActivation.allCases)
  func `an activation is recognised with the constants of float16`(function: HiddenActivation) {
    let values = ActivationValues.points.map {
      let value = ActivationValues.value(function, $0)
      return value + value / 4096
    }
    #expect(ActivationValues.function(values) == function)
  }

  @Test func `another function is not recognised`() {
    #expect(ActivationValues.function(ActivationValues.points.map { $0 * $0 }) == nil)
    #expect(ActivationValues.function(ActivationValues.points.map { _ in Double.nan }) == nil)
  }
}
