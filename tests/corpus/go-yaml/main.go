// Reads the files named on standard input, one a line, by the YAML library of Kubernetes. Prints a line for each: the
// JSON of its documents, or nothing when it cannot be read.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v2"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		documents, err := read(lines.Text())
		text, jsonErr := json.Marshal(documents)
		if err != nil || jsonErr != nil {
			text = nil
		}
		fmt.Println(string(text))
	}
}

func read(path string) ([]any, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	documents := []any{}
	for {
		var value any
		if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
			return documents, nil
		} else if err != nil {
			return nil, err
		}
		documents = append(documents, asJSON(value))
	}
}

// asJSON gives mappings string keys, as Kubernetes does.
func asJSON(value any) any {
	switch value := value.(type) {
	case map[any]any:
		object := map[string]any{}
		for key, inner := range value {
			object[fmt.Sprint(key)] = asJSON(inner)
		}
		return object
	case []any:
		for index, inner := range value {
			value[index] = asJSON(inner)
		}
		return value
	default:
		return value
	}
}
