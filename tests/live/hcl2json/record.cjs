// Records what @cdktf/hcl2json (npm) reads in HCL files, as the golden data of tests/hcl/second_reading_test.cpp:
//   npm install --prefix /tmp/hcl2json @cdktf/hcl2json
//   NODE_PATH=/tmp/hcl2json/node_modules node record.cjs ../../hcl/texts/*.tf
// beside each FILE.tf stands FILE.json afterwards.
const { parse } = require("@cdktf/hcl2json");
const fs = require("fs");

(async () => {
  for (const name of process.argv.slice(2)) {
    const value = await parse(name, fs.readFileSync(name, "utf8"));
    fs.writeFileSync(name.replace(/\.tf$/, ".json"), JSON.stringify(value, null, 1) + "\n");
  }
  process.exit(0);
})();
