// What hashicorp/hcl takes to parse every .tf file below a directory, and nothing else: the lower bound of
// whatever tool stands on it. Files are parsed one after the other, as Terraform itself does; with -j N on N
// goroutines.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func main() {
	jobs := 1
	args := os.Args[1:]
	if len(args) > 1 && args[0] == "-j" {
		jobs, _ = strconv.Atoi(args[1])
		args = args[2:]
	}
	paths := make(chan string, 1024)
	var wait sync.WaitGroup
	var lock sync.Mutex
	files, blocks := 0, 0
	for i := 0; i < jobs; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for path := range paths {
				src, err := os.ReadFile(path)
				if err != nil {
					panic(err)
				}
				file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
				if diags.HasErrors() {
					panic(diags)
				}
				lock.Lock()
				files++
				blocks += len(file.Body.(*hclsyntax.Body).Blocks)
				lock.Unlock()
			}
		}()
	}
	filepath.WalkDir(args[0], func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".tf") {
			paths <- path
		}
		return err
	})
	close(paths)
	wait.Wait()
	fmt.Println(files, "files,", blocks, "blocks")
}
