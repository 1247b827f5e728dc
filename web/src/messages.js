/** What the reader asked for and cannot have, said above everything until it is dismissed. */
import { h, replace, said } from "./dom.js";

export function messages(state) {
  const element = h("div", { class: "messages", role: "alert" });
  const draw = () =>
    replace(
      element,
      [...new Set(state.messages)].map((message) =>
        h(
          "p",
          {},
          said(message, "span"),
          h(
            "button",
            {
              type: "button",
              class: "tool",
              onclick: () => {
                state.messages = state.messages.filter((each) => each !== message);
                draw();
              },
            },
            "Dismiss",
          ),
        ),
      ),
    );
  draw();
  state.watch((change) => change.message && draw());
  return element;
}
