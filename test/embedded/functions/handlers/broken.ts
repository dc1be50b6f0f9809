throw Object.assign(new Error("a setting is missing"), { name: "SettingsProblem" });
