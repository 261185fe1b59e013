"""The version of this package, which is that of the library: `ProjectVersion.swift` repeats it."""

VERSION = "0.1.0"
