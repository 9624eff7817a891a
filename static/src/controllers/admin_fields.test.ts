import { expect, test } from "vitest";
import { nameAdminFields } from "./admin_fields";

test("a field in a table is called what its column is called", () => {
  document.body.innerHTML = `
    <div class="tabular"><table>
      <thead><tr><th>Person</th><th>Role</th></tr></thead>
      <tbody><tr><td>Ada</td><td><select><option>Owner</option></select></td></tr></tbody>
    </table></div>`;

  nameAdminFields(document);

  expect(document.querySelector("select")?.ariaLabel).toBe("Role");
});

test("a field with a label of its own keeps it", () => {
  document.body.innerHTML = `
    <div class="tabular"><table>
      <thead><tr><th>Date</th></tr></thead>
      <tbody><tr><td><label for="day">Day</label><input id="day"></td></tr></tbody>
    </table></div>`;

  nameAdminFields(document);

  expect(document.querySelector("input")?.hasAttribute("aria-label")).toBe(false);
});

test("a searchable select is called what the select it replaces is called", () => {
  document.body.innerHTML = `
    <label for="owner">Owner:</label><select id="owner" class="admin-autocomplete"></select>
    <span><span role="combobox"></span></span>`;

  nameAdminFields(document);

  expect(document.querySelector("[role=combobox]")?.ariaLabel).toBe("Owner");
});
