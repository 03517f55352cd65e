// Package answer keeps standard output for the answer. Some of Istio's packages log to standard output while they initialise,
// before main can stop them. Go initialises independent packages in the order of their import paths, which is why this
// module's path sorts before istio.io.
package answer

import (
	"encoding/json"
	"os"
)

var out = os.Stdout

func init() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = null
	}
}

// Begin ends the time of silence: from now on what Istio writes to standard output goes to standard error.
func Begin() { os.Stdout = os.Stderr }

// Print writes one line, so that a reader of a long-lived command knows when the answer is complete.
func Print(value any) error { return json.NewEncoder(out).Encode(value) }
