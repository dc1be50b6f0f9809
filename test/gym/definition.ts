import {
  choice,
  commit,
  count,
  date,
  defineMigration,
  email,
  fail,
  hold,
  insert,
  is,
  match,
  missing,
  name,
  noted,
  otherwise,
  people,
  phone,
  refers,
  share,
  status,
  stop,
  table,
  when,
} from "../../lib/define/builders.ts";

/** A gym's members, from two CSV files: the payments stay where they are. */
export const gym = defineMigration({
  name: "gym",
  title: "Gym: members",
  connection: "club",
  source: { members: table("member_no", "name", "mobile", "mail", "plan", "joined", "status") },
  entity: {
    from: ["members"],
    fields: {
      full_name: name("name"),
      mobile: phone("mobile", { region: "GB" }),
      mail: email("mail", { placeholders: ["none@gym.example"] }),
      plan: choice("plan", { Gold: "gold", Student: "concession" }),
      joined_on: date("joined", { format: "dd/MM/yyyy" }),
      raw_status: status("status"),
    },
    validate: [
      {
        id: "mobile_invalid",
        says: "The mobile is no number.",
        when: noted("phone_invalid"),
        verdict: "note",
      },
      {
        id: "mail_placeholder",
        says: "The mail is the desk's.",
        when: noted("email_placeholder"),
        verdict: "note",
      },
    ],
    decide: {
      classification: [
        { is: "member", when: is("raw_status", "active") },
        { is: "former_member", when: is("raw_status", "cancelled") },
        { is: "unknown", when: otherwise },
      ],
    },
    match: match([people({ in: "customers", name: "name", phone: "phone", email: "email" })]),
    actions: {
      customer: insert(
        "customers",
        {
          name: "full_name",
          phone: "mobile",
          email: "mail",
          plan: "plan",
          joined_on: "joined_on",
          legacy_no: "legacy_id",
        },
        { identity: ["legacy_no"] },
      ),
    },
    plan: [
      when(missing("full_name"), fail("name_missing")),
      when(is("classification", "unknown"), hold("status_unknown")),
      commit("customer"),
    ],
  },
  report: {
    counts: [count("members", "Members", is("classification", "member"))],
    distributions: [],
    sections: [],
  },
  refersTo: [refers("invoices(customer_id)", "customers(id)")],
  stops: [
    stop(
      "unknown_rows",
      "Too many rows have a status nobody listed.",
      share(is("classification", "unknown")),
      0.2,
    ),
  ],
});
