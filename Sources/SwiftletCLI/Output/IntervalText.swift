import SwiftletJSON
import SwiftletTraining

/// A share of cases with its 95 % interval, as text and as JSON.
enum IntervalText {
  /// `91.23%, 95 % interval 88.90% to 93.10%`.
  static func text(_ share: Proportion) -> String {
    let interval = share.interval
    return "\(NumberText.percent(share.value)), 95 % interval"
      + " \(NumberText.percent(interval.lowerBound)) to \(NumberText.percent(interval.upperBound))"
  }

  /// The two ends of the interval.
  static func json(_ share: Proportion) -> JSONValue {
    .array([.double(share.interval.lowerBound), .double(share.interval.upperBound)])
  }
}
