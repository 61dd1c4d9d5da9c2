// A new service from a template: choose, fill in, start.
import { call } from "./api.js";
import { openDialog } from "./dialogs.js";
import { h, setHidden, setText } from "./dom.js";
import { serviceKey } from "./picture.js";
import { plain } from "./text.js";

const FOLDER = "folder";
const RUN_OF_FOLDERS = "default";
const MOST_RUNS = 50;

/** Calls `done` with the key and the record of the service that was added, which is still to be started. */
export async function openCreate(picture, done) {
  const form = h("form", { novalidate: "" });
  const content = h("div", { class: "create" }, h("p", { class: "why", text: "Reading templates …" }));
  openDialog("New service", [content], { form });
  try {
    const { templates, faults = [] } = await call("template.list");
    content.replaceChildren(...new Creation(form, templates, faults, picture, done).parts());
    form.querySelector("select")?.focus();
  } catch (error) {
    content.replaceChildren(h("p", { class: "notice bad", role: "alert", text: plain(error.message, 600) }));
  }
}

class Creation {
  #fields = new Map();

  constructor(form, templates, faults, picture, done) {
    Object.assign(this, { form, templates, faults, done });
    this.runs = [...picture.runs.values()].filter((run) => run.status === "open" && run.run_mode === "NORMAL" && !run.gone)
      .sort((one, other) => Date.parse(other.opened_at) - Date.parse(one.opened_at)).slice(0, MOST_RUNS);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
  }

  parts() {
    if (!this.templates.length) {
      return [h("p", { text: "There are no templates. xpmctl templates tells where they are looked for." })];
    }
    this.template = h("select", { id: "new-template", on: { change: () => this.#choose() } }, ...this.templates.map((template, place) =>
      h("option", { value: String(place), text: plain(template.name, 128), disabled: Boolean(template.fault) })));
    this.about = h("small", { class: "foreign" });
    this.run = h("select", { id: "new-run", on: { change: () => this.#place() } },
      ...this.runs.map((run, place) => h("option", { value: String(place), text: plain(`${run.experiment} / ${run.run}`, 200) })),
      h("option", { value: FOLDER, text: "a folder, without an experiment" }));
    this.folder = this.#field("new-folder", "Folder", h("input", { type: "text", placeholder: "/home/me/project", spellcheck: false }), "An absolute path. The experiment is named after it.");
    this.id = this.#field("new-id", "Name", h("input", { type: "text", maxLength: 128, spellcheck: false, autocomplete: "off" }), "");
    this.parameters = h("div", { class: "create" });
    this.problem = h("p", { class: "notice bad foreign", role: "alert", hidden: true });
    this.submit = h("button", { type: "submit", class: "primary", text: "Start" });
    const usable = this.templates.findIndex((template) => !template.fault);
    this.template.value = String(Math.max(0, usable));
    this.#choose();
    this.#place();
    return [
      ...this.faults.map((fault) => h("p", { class: "notice foreign", text: plain(fault, 600) })),
      h("div", { class: "field" }, h("label", { htmlFor: "new-template", text: "Template" }), this.template, this.about),
      h("div", { class: "field" }, h("label", { htmlFor: "new-run", text: "Belongs to" }), this.run), this.folder.element,
      this.id.element, this.parameters, this.problem, h("footer", {}, this.submit),
    ];
  }

  #field(id, text, input, help, isRequired = false) {
    input.id = id;
    const hint = h("small", { class: "foreign", id: `${id}-help`, text: help });
    const problem = h("small", { class: "problem foreign", role: "alert", hidden: true });
    input.setAttribute("aria-describedby", hint.id);
    const isCheck = input.type === "checkbox";
    const label = h("label", { htmlFor: id, text: `${text}${isRequired ? " (required)" : ""}` });
    const element = h("div", { class: `field${isCheck ? " check" : ""}` }, ...(isCheck ? [input, label] : [label, input]), hint, problem);
    return { element, input, problem };
  }

  get #chosen() {
    return this.templates[Number(this.template.value)];
  }

  #choose() {
    const template = this.#chosen;
    setText(this.about, plain(template.fault ? `cannot be used: ${template.fault}` : template.description, 600));
    this.submit.disabled = Boolean(template.fault);
    this.id.input.value = template.name;
    this.#fields = new Map(template.parameters.map((parameter, place) => {
      const given = parameter.default;
      const input = parameter.kind === "boolean" ? h("input", { type: "checkbox", checked: given === true })
        : h("input", { type: parameter.kind === "integer" ? "number" : "text", step: "1", spellcheck: false, autocomplete: "off", placeholder: given === undefined ? "" : String(given) });
      return [parameter.name, { parameter, ...this.#field(`new-parameter-${place}`, plain(parameter.name, 128), input, plain(parameter.description ?? "", 600), parameter.required) }];
    }));
    this.parameters.replaceChildren(...[...this.#fields.values()].map((field) => field.element));
  }

  #place() {
    setHidden(this.folder.element, this.run.value !== FOLDER);
  }

  /** What was filled in; what was left empty is the template's. */
  #values() {
    const values = {};
    let first = null;
    for (const [name, { parameter, input, problem }] of this.#fields) {
      let fault = "";
      if (parameter.kind === "boolean") {
        if (input.checked !== (parameter.default === true)) values[name] = input.checked;
      } else if (!input.value) {
        if (parameter.required) fault = "It is required.";
      } else if (parameter.kind === "integer") {
        const number = Number(input.value);
        Number.isSafeInteger(number) ? (values[name] = number) : (fault = "It must be a whole number.");
      } else values[name] = input.value;
      this.#mark({ input, problem }, fault);
      if (fault) first ??= input;
    }
    first?.focus();
    return first ? null : values;
  }

  #mark({ input, problem }, fault) {
    setText(problem, fault);
    setHidden(problem, !fault);
    input.setAttribute("aria-invalid", String(Boolean(fault)));
  }

  async #start() {
    const values = this.#values();
    if (!values) return;
    setHidden(this.problem, true);
    this.submit.disabled = true;
    try {
      const owner = await this.#owner();
      const { service } = await call("service.add", {
        ...owner, id: this.id.input.value || this.#chosen.name,
        definition: { run: { kind: "template", template: this.#chosen.name, parameters: values } },
      });
      // It is there now: what goes wrong from here on is told where it is.
      const key = serviceKey(service);
      this.form.closest("dialog").close();
      this.done(key, service);
    } catch (error) {
      this.#refused(error);
    } finally {
      this.submit.disabled = false;
    }
  }

  /** The run that it belongs to; that of a folder is opened, as xpmctl does it. */
  async #owner() {
    const run = this.runs[Number(this.run.value)];
    if (run) return { workspace: run.workspace, experiment: run.experiment, run: run.run };
    const workspace = this.folder.input.value.replace(/(.)\/+$/, "$1");
    const experiment = (workspace.split("/").at(-1) || "workspace").replace(/[@:\p{C}]/gu, "_").trim() || "workspace";
    await call("experiment.open", { workspace, experiment, run: RUN_OF_FOLDERS });
    return { workspace, experiment, run: RUN_OF_FOLDERS };
  }

  #refused(error) {
    const field = this.#fields.get(error.data?.parameter) ?? { workspace: this.folder, id: this.id }[error.data?.parameter];
    if (field) {
      this.#mark(field, plain(error.message, 600));
      field.input.focus();
      return;
    }
    setText(this.problem, plain(error.message, 1000));
    setHidden(this.problem, false);
  }
}
