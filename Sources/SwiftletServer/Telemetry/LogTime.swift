#if Server
import Glibc
import SwiftletSystem

/// The time of a log line, in UTC to the microsecond: `2026-01-31T08:15:00.123456Z` (RFC 3339).
enum LogTime {
  static func now() -> String {
    let time = WallClock.now()
    return text(seconds: time.seconds, nanoseconds: time.nanoseconds)
  }

  static func text(seconds: Int, nanoseconds: Int) -> String {
    var seconds = seconds
    var date = tm()
    guard gmtime_r(&seconds, &date) != nil else { return "-" }
    let day = [date.tm_mon + 1, date.tm_mday].map { padded(Int($0)) }.joined(separator: "-")
    let clock = [date.tm_hour, date.tm_min, date.tm_sec].map { padded(Int($0)) }
    return "\(Int(date.tm_year) + 1900)-\(day)T\(clock.joined(separator: ":"))"
      + ".\(padded(nanoseconds / 1000, digits: 6))Z"
  }

  private static func padded(_ number: Int, digits: Int = 2) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
#endif
