/// The version of this package; the Python package repeats it.
package enum ProjectVersion {
  package static let text: StaticString = "0.1.0"
}
