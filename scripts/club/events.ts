import { randomFor } from "../sample/random.ts";
import type { ClubEvent } from "./account.ts";
import { day } from "./members.ts";

const topics = [
  "Beach Walk",
  "Wine Tasting",
  "Board Meeting",
  "Book Club",
  "Coffee",
  "Concert in the Park",
  "Garden Tour",
  "Kayak Morning",
  "Museum Visit",
  "Newcomer Mixer",
];
const tags = [
  "Social; Coffee",
  "Outdoor",
  "Hiking; Weekend",
  "Wine tasting",
  "Music",
  "Workshop",
  "Committee",
  "Gala",
  "",
  "Bridge",
];

type Changes = Partial<ClubEvent> | ((place: number) => Partial<ClubEvent>);

const dirt: readonly (readonly [kind: string, rows: number, changes: Changes])[] = [
  [
    "weekly",
    52,
    (at) => ({
      title: "Tuesday Hike",
      starts: `0${1 + Math.floor(at / 13)}/${String(1 + (at % 13) * 2).padStart(2, "0")}/2024 09:00`,
      ends: "",
    }),
  ],
  ["day_only", 10, (at) => ({ starts: `06/${10 + at}/2023`, ends: "" })],
  [
    "night_of_the_clocks",
    3,
    (at) => ({
      starts: ["03/10/2024 02:30", "11/03/2024 01:30", "03/09/2024 22:00"][at % 3] as string,
      ends: "",
    }),
  ],
  [
    "planned",
    12,
    (at) => ({ starts: `05/${10 + at}/2090 18:00`, ends: `05/${10 + at}/2090 20:00` }),
  ],
  ["without_limit", 8, (at) => ({ limit: ["Unlimited", "0", "unlimited", ""][at % 4] as string })],
  [
    "with_markup",
    12,
    { description: "<p>Bring&nbsp;water &amp; a hat.</p>\n<p>Meet at the gate, 8:45.</p>" },
  ],
  // The platform has it, and it begins half an hour later there (17:00 in UTC here).
  ["on_platform", 1, { title: "Spring Fair", starts: "04/06/2024 10:00", ends: "" }],
  ["start_tbd", 3, { starts: "TBD" }],
  [
    "start_otherwise",
    4,
    (at) => ({
      starts: ["2024-05-01 10:00", "5/1/24", "05/01/2024 07:00 PM", "31/05/2024"][at % 4] as string,
    }),
  ],
  ["start_missing", 2, { starts: "" }],
  ["end_otherwise", 2, { starts: "05/01/2024 10:00", ends: "late" }],
  ["ends_before_start", 4, { starts: "05/01/2024 10:00", ends: "05/01/2024 09:00" }],
  ["limit_in_words", 2, { limit: "about 12" }],
  ["title_missing", 2, { title: "" }],
];

/** About 520 events. */
export function eventsOf(seed: number, plain: number, share = 1): ClubEvent[] {
  const made: ClubEvent[] = [];
  const add = (kind: string, changes: Changes = {}, place = 0) => {
    const index = made.length;
    const random = randomFor(seed, "event", index);
    const date = day(random, 2019, 6);
    const hour = 8 + random.below(10);
    made.push({
      id: String(5_200_001 + index * 3),
      kind,
      title: `${random.pick(topics)} ${index}`,
      description: "Everybody is welcome.",
      tags: random.pick(tags),
      location: random.pick(["Town hall", "East Beach", "1 State St, Suite 2", ""]),
      starts: `${date} ${String(hour).padStart(2, "0")}:00`,
      ends: `${date} ${String(hour + 2).padStart(2, "0")}:30`,
      limit: String(8 + random.below(90)),
      enabled: random.chance(0.95) ? "Yes" : "No",
      access: random.pick(["Public", "Restricted", "AdminOnly"]),
      ...(typeof changes === "function" ? changes(place) : changes),
    });
  };
  for (let at = 0; at < plain; at++) add("plain");
  for (const [kind, rows, changes] of dirt)
    for (let at = 0; at < Math.ceil(rows * share); at++) add(kind, changes, at);
  // At the same time, under a title in capitals, and as much later as the platform would still take for the same.
  const seconds = [
    {},
    { title: "TWICE 1", starts: "09/09/2023 18:59" },
    { starts: "09/09/2023 19:00" },
  ];
  for (const [at, second] of seconds.entries()) {
    const same = { title: `Twice ${at}`, starts: "09/09/2023 18:00", ends: "" };
    add("same_first", same);
    add("same_second", { ...same, ...second });
  }
  return made;
}
